// SPDX-License-Identifier: MIT
#include "payload/mergeprogram.h"

#include "payload/cancellation.h"
#include "payload/entryreader.h"
#include "payload/payloadarchive.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QTemporaryDir>

using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

constexpr auto limit = 60s;
constexpr int lookInterval = 50; // milliseconds between two looks whether it was cancelled

Error notMerged(const QString &reason)
{
    return {ErrorCode::Failed, reason};
}

Result<> write(const QString &fileName, QByteArrayView bytes)
{
    QFile file(fileName);
    if (file.open(QIODevice::WriteOnly) && file.write(bytes.data(), bytes.size()) == bytes.size()
        && file.flush())
        return {};
    return notMerged(MergeProgram::tr("Could not write “%1”: %2.", "error message; %2: system")
                         .arg(fileName, file.errorString()));
}

Result<> execute(const QString &program, const QStringList &arguments, const Clock &clock,
                 const WorkerJob::Context &context)
{
    QProcess process;
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    process.setStandardInputFile(QProcess::nullDevice());
    process.setStandardOutputFile(QProcess::nullDevice());
    const std::chrono::milliseconds started = clock.now();
    process.start(program, arguments);
    while (!process.waitForFinished(lookInterval) && process.state() != QProcess::NotRunning) {
        const bool isLate = clock.now() - started >= limit;
        if (!isLate && !context.isCancelled())
            continue;
        process.kill();
        process.waitForFinished(-1);
        if (context.isCancelled())
            return Cancellation::error();
        return notMerged(MergeProgram::tr("“%1” did not end within %n second(s).", "error message",
                                          int(std::chrono::seconds(limit).count()))
                             .arg(program));
    }
    if (process.error() == QProcess::FailedToStart)
        return notMerged(
            MergeProgram::tr("“%1” could not be started: %2.", "error message; %2: system")
                .arg(program, process.errorString()));
    if (process.exitStatus() == QProcess::CrashExit)
        return notMerged(
            MergeProgram::tr("“%1” was ended by a signal.", "error message").arg(program));
    if (process.exitCode() != 0)
        return notMerged(MergeProgram::tr("“%1” ended with status %2.", "error message")
                             .arg(program)
                             .arg(process.exitCode()));
    return {};
}

} // namespace

Result<MergeProgram::Merged> MergeProgram::run(const Merge &merge, const PayloadArchive &archive,
                                               const Directory &target, const Clock &clock,
                                               const WorkerJob::Context &context)
{
    const PayloadEntry &entry = merge.offered;
    const std::optional<FileStatus> there = target.status(entry.path);
    if (entry.kind != EntryKind::File || !there || there->kind != FileKind::File)
        return notMerged(tr("Only files can be merged.", "error message"));
    const Result<std::optional<QByteArray>> edited = target.read(entry.path);
    if (!edited)
        return edited.error();
    QByteArray offered;
    EntryReader reader;
    const Result<> read = reader.read(archive, entry, [&](QByteArrayView block) -> Result<> {
        offered.append(block);
        return {};
    });
    if (!read)
        return read.error();

    const QTemporaryDir folder;
    const QString name = QFileInfo(entry.path).fileName();
    QStringList paths;
    for (const QString &role : {u"edited"_s, u"offered"_s, u"result"_s}) {
        if (!folder.isValid() || !QDir(folder.path()).mkpath(role))
            return notMerged(
                tr("Could not make a folder in “%1”.", "error message").arg(QDir::tempPath()));
        paths.append(folder.filePath(role + u'/' + name));
    }
    if (const Result<> written = write(paths[0], edited->value_or(QByteArray())); !written)
        return written.error();
    if (const Result<> written = write(paths[1], offered); !written)
        return written.error();
    if (const Result<> executed = execute(merge.program, paths, clock, context); !executed)
        return executed.error();

    QFile result(paths[2]);
    const QFileInfo info(result);
    if (!info.isFile() || info.isSymLink() || !result.open(QIODevice::ReadOnly))
        return notMerged(tr("“%1” left no result.", "error message").arg(merge.program));
    return Merged{result.readAll(), reader.sha256()};
}

} // namespace Entracte
