// SPDX-License-Identifier: MIT
// What lies between the last application's end and the first one's start: the last look at every
// registered file, and the swap. See driver.h.
#include "benchmarks/driver.h"

#include "restart/restartbackend.h"
#include "transaction/transaction.h"

#include <QFileInfo>

using namespace Entracte;
using namespace Driver;
using namespace Qt::StringLiterals;

namespace {

Outcome gap(const QStringList &arguments, const Switches &switches)
{
    const QString directory = QFileInfo(arguments[1]).absoluteFilePath();
    Phases before;
    const Result<Task> task = prepare(arguments[0], directory, QVersionNumber(2, 0), before);
    if (!task)
        return task.error();
    QStringList registered;
    for (const PayloadEntry &entry : task->survey.entries) {
        if (entry.kind == EntryKind::File && registered.size() < arguments[2].toInt())
            registered.append(directory + u'/' + entry.path);
    }
    if (registered.size() < arguments[2].toInt())
        return Error{ErrorCode::Usage, u"The archive has fewer files than that."_s};
    const std::unique_ptr<RestartBackend> backend =
        createRestartBackend(std::make_shared<SystemClock>());
    const std::unique_ptr<PayloadExtractor> extractor = makeExtractor(*task, switches);
    if (const Result<> staged = stage(*extractor); !staged)
        return staged.error();

    Phases phases;
    QElapsedTimer whole;
    whole.start();
    if (backend->probe(registered) != RestartBackend::Occupancy::Free)
        return Error{ErrorCode::Failed, u"Somebody uses the files, or the volume does not tell."_s};
    phases.end(u"probe"_s);
    if (const Result<> committed = extractor->transaction()->commit(); !committed)
        return committed.error();
    phases.end(u"exchange"_s);
    QJsonObject all = phases.all();
    all.insert(u"total"_s, whole.nsecsElapsed() / 1000);
    if (const Result<> closed = extractor->transaction()->close(); !closed)
        return closed.error();
    return all;
}

constexpr Verb verbs[] = {
    {"gap"_L1, 3, gap,
     "gap ARCHIVE TARGET FILES  probe, exchange, total: nobody runs from the last application's "
     "end to the first one's start, with FILES registered"},
};

} // namespace

int main(int argc, char *argv[])
{
    return run(argc, argv, verbs);
}
