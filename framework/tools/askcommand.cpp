// SPDX-License-Identifier: MIT
#include "restart/restartsession.h"
#include "tools/commands.h"

#include <QEventLoop>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTextStream>

using namespace Qt::StringLiterals;

namespace Entracte {

static QString word(ClosingStep::Verdict verdict)
{
    switch (verdict) {
    case ClosingStep::Verdict::Good:
        return u"good"_s;
    case ClosingStep::Verdict::Weak:
        return u"weak"_s;
    case ClosingStep::Verdict::Bad:
        return u"bad"_s;
    }
    Q_UNREACHABLE();
}

static int complain(const QString &sentence)
{
    QTextStream(stderr) << sentence << Qt::endl;
    return 2;
}

int Commands::ask(const QStringList &arguments)
{
    QStringList words = arguments;
    const bool asJson = words.removeAll(u"--json"_s) > 0;
    const UniqueProcess process = uniqueProcess(words.value(0).toLongLong());
    if (words.size() != 1 || process.pid <= 0)
        return complain(tr("Say which process: entracte ask PID.", "command line error"));
    if (process.startTime == 0)
        return complain(
            tr("There is no process %1.", "command line error").arg(words.constFirst()));

    auto backend = createRestartBackend(std::make_shared<SystemClock>());
    backend->addResources({{}, {process}, {}});
    Result<AffectedApplications> found = AffectedApplications();
    QEventLoop loop;
    QObject::connect(backend.get(), &RestartBackend::listed, &loop, [&](const auto &result) {
        found = result;
        loop.quit();
    });
    backend->list();
    loop.exec();
    if (!found)
        return complain(found.error().message);
    if (found->applications.isEmpty())
        return complain(tr("Process %1 belongs to another user and cannot be looked into.",
                           "command line error")
                            .arg(process.pid));

    const AffectedApplication application = found->applications.constFirst();
    const QList<ClosingStep> steps = backend->preview(application);
    const bool isFine = std::all_of(steps.cbegin(), steps.cend(), [](const ClosingStep &step) {
        return step.verdict != ClosingStep::Verdict::Bad;
    });
    QTextStream out(stdout);
    if (asJson) {
        QJsonArray list;
        for (const ClosingStep &step : steps)
            list.append(
                QJsonObject{{u"verdict"_s, word(step.verdict)}, {u"sentence"_s, step.sentence}});
        out << QJsonDocument(QJsonObject{{u"name"_s, application.name},
                                         {u"pid"_s, application.process.pid},
                                         {u"steps"_s, list}})
                   .toJson();
    } else {
        out << application.name << '\n';
        for (const ClosingStep &step : steps)
            out << "  " << word(step.verdict) << "  " << step.sentence << '\n';
    }
    return isFine ? 0 : 1;
}

} // namespace Entracte
