// SPDX-License-Identifier: MIT
#include "guardian/waitedfor.h"

#include "restart/restartsession.h"

#include <QEventLoop>

namespace Entracte {

Result<QList<AffectedApplication>> waitedFor(const QStringList &files)
{
    const auto clock = std::make_shared<SystemClock>();
    RestartSession session(createRestartBackend(clock), clock);
    if (const Result<> registered = session.registerFiles(files); !registered)
        return registered.error();
    const std::unique_ptr<RestartTask> look = session.list();
    QEventLoop loop;
    Result<> outcome;
    QObject::connect(
        look.get(), &Job::finished, &loop,
        [&](const Result<> &result) {
            outcome = result;
            loop.quit();
        },
        Qt::QueuedConnection);
    look->start();
    loop.exec();
    if (!outcome)
        return outcome.error();
    return session.inTheWay();
}

} // namespace Entracte
