// SPDX-License-Identifier: MIT
#include "restart/processwatch.h"

#include "platform/linux/process.h"

#include <QSocketNotifier>

#include <vector>

namespace Entracte {

struct ProcessWatch::Private
{
    struct Watched
    {
        UniqueProcess process;
        Descriptor descriptor;
        std::unique_ptr<QSocketNotifier> notifier;
    };
    std::vector<Watched> watched;
};

ProcessWatch::ProcessWatch(const QList<UniqueProcess> &processes, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>())
{
    bool haveSomeEnded = false;
    for (const UniqueProcess &process : processes) {
        Descriptor descriptor = openProcess(process);
        if (!descriptor.isValid() || hasEnded(descriptor)) {
            haveSomeEnded = true;
            continue;
        }
        auto notifier = std::make_unique<QSocketNotifier>(descriptor.get(), QSocketNotifier::Read);
        connect(notifier.get(), &QSocketNotifier::activated, this, [this, process] {
            std::erase_if(d->watched, [&process](Private::Watched &each) {
                if (each.process != process)
                    return false;
                each.notifier->setEnabled(false);
                each.notifier.release()->deleteLater(); // it is telling us right now
                return true;
            });
            emit someEnded();
        });
        d->watched.push_back({process, std::move(descriptor), std::move(notifier)});
    }
    if (haveSomeEnded)
        QMetaObject::invokeMethod(this, &ProcessWatch::someEnded, Qt::QueuedConnection);
}

ProcessWatch::~ProcessWatch() = default;

QList<UniqueProcess> ProcessWatch::running() const
{
    QList<UniqueProcess> running;
    for (const Private::Watched &each : d->watched)
        running.append(each.process);
    return running;
}

} // namespace Entracte
