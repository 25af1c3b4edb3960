// SPDX-License-Identifier: MIT
#include "guardian/nextstart.h"

#include "guardian/guardian.h"
#include "platform/linux/autostartentry.h"
#include "platform/linux/privatecopy.h"
#include "transaction/workplace.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <optional>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

const QString unitFolder = u"/etc/systemd/system"_s;
const QString wantsFolder = u"/etc/systemd/system/sysinit.target.wants"_s;

/// Root's unit runs at boot, before anybody could use the files.
bool isForBoot()
{
    return ::geteuid() == 0 && QFileInfo::exists(u"/run/systemd/system"_s);
}

/// One for each target.
QString nameFor(const QString &target)
{
    const QByteArray digest =
        QCryptographicHash::hash(QFile::encodeName(target), QCryptographicHash::Sha256);
    return "entracte-deferred-"_L1 + QString::fromLatin1(digest.toHex().left(16));
}

QString unitName(const QString &target)
{
    return nameFor(target) + ".service"_L1;
}

QString entryFile(const QString &target)
{
    return QFile::decodeName(autostartFolder()) + u'/' + nameFor(target) + ".desktop"_L1;
}

Error failure(const QString &file, const QString &reply)
{
    return {ErrorCode::Failed, NextStart::tr("Could not arrange for the next start in “%1”: %2.",
                                             "error message; %2: system")
                                   .arg(file, reply)};
}

Result<> write(const QString &fileName, const QByteArray &bytes)
{
    if (!QDir().mkpath(QFileInfo(fileName).path()))
        return failure(fileName, systemReply(errno));
    QSaveFile file(fileName);
    if (file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() && file.commit())
        return {};
    return failure(fileName, file.errorString());
}

Result<> removeFile(const QString &fileName)
{
    const QByteArray name = QFile::encodeName(fileName);
    if (::unlink(name.constData()) == 0 || errno == ENOENT || errno == ENOTDIR)
        return {};
    return failure(fileName, systemReply(errno));
}

/// Runs with the word alone and ends well.
bool runs(const QString &program)
{
    QByteArray name = QFile::encodeName(program);
    QByteArray word = Guardian::finishWord;
    const std::array<char *, 3> argv{name.data(), word.data(), nullptr};
    pid_t child = -1;
    if (::posix_spawn(&child, name.constData(), nullptr, nullptr, argv.data(), environ) != 0)
        return false;
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// The bytes of this executable, in one piece under its name or not there at all.
Result<> copyOurselves(const QString &fileName)
{
    const QByteArray name = QFile::encodeName(fileName);
    const QByteArray draft = name + ".part";
    (void)::unlink(draft.constData());
    {
        const Descriptor copy(
            ::open(draft.constData(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0700));
        if (!copyExecutable(copy) || ::fsync(copy.get()) != 0) {
            const int error = errno;
            (void)::unlink(draft.constData());
            return failure(fileName, systemReply(error));
        }
    }
    if (::rename(draft.constData(), name.constData()) != 0)
        return failure(fileName, systemReply(errno));
    return {};
}

/// The program to be started: the copy, or this executable itself.
Result<QString> finisherFor(const QString &copy)
{
    const Result<> copied = copyOurselves(copy);
    if (copied && runs(copy))
        return copy;
    (void)removeFile(copy);
    const QString original = QFileInfo(u"/proc/self/exe"_s).symLinkTarget();
    if (runs(original))
        return original;
    return copied ? failure(copy, NextStart::tr("the copy does not run", "error message, reason"))
                  : copied.error();
}

/// Neither format can say a line feed.
bool hasControlCharacter(const QString &text)
{
    return std::any_of(text.begin(), text.end(), [](QChar c) { return c < u' '; });
}

/// A word of ExecStart= (systemd).
QString unitWord(const QString &word)
{
    QString quoted = word;
    quoted.replace(u'\\', u"\\\\"_s).replace(u'"', u"\\\""_s);
    return u'"' + quoted.replace(u'%', u"%%"_s).replace(u'$', u"$$"_s) + u'"';
}

/// One of the conditions is enough: what is being put in place when the power goes has the other
/// name.
QString unitText(const QString &program, const QString &target, const QString &title,
                 WorkPlace::Kind kind)
{
    QString conditions;
    for (const auto standing : {WorkPlace::Standing::Deferred, WorkPlace::Standing::Working}) {
        QString journal =
            WorkPlace::pathOf(kind, target, standing) + u'/' + WorkPlace::journalName();
        conditions += u"ConditionPathExists=|%1\n"_s.arg(journal.replace(u'%', u"%%"_s));
    }
    return u"[Unit]\nDescription=%1\n%2RequiresMountsFor=%3\nDefaultDependencies=no\n"
           "After=local-fs.target\nBefore=sysinit.target shutdown.target\n"
           "Conflicts=shutdown.target\n\n[Service]\nType=oneshot\nExecStart=%4 %5 %6 once\n"
           "TimeoutStartSec=5min\n\n[Install]\nWantedBy=sysinit.target\n"_s.arg(
               QString(title).replace(u'%', u"%%"_s), conditions, unitWord(target),
               unitWord(program), QLatin1StringView(Guardian::finishWord), unitWord(target));
}

/// As `systemctl enable` does; the next boot reads it.
Result<> enable(const QString &unit)
{
    const QString link = wantsFolder + u'/' + unit;
    if (!QDir().mkpath(wantsFolder))
        return failure(wantsFolder, systemReply(errno));
    const QByteArray file = QFile::encodeName(unitFolder + u'/' + unit);
    if (::symlink(file.constData(), QFile::encodeName(link).constData()) != 0 && errno != EEXIST)
        return failure(link, systemReply(errno));
    return {};
}

} // namespace

Result<> NextStart::arrange(const QString &targetDirectory, const QString &productName)
{
    const Result<std::vector<WorkPlace>> places =
        WorkPlace::existing(targetDirectory, WorkPlace::Standing::Deferred);
    if (!places)
        return places.error();
    if (places->empty())
        return {};
    const WorkPlace::Kind kind = places->front().kind();
    if (hasControlCharacter(targetDirectory))
        return failure(targetDirectory,
                       tr("its name holds a control character", "error message, reason"));
    const Result<QString> program = finisherFor(WorkPlace::finisherOf(kind, targetDirectory));
    if (!program)
        return program.error();
    const QString title = tr("Finish installing %1", "name of an autostart entry or unit")
                              .arg(productName.simplified());
    if (!isForBoot())
        return write(entryFile(targetDirectory),
                     autostartEntry(title, {QFile::encodeName(*program), Guardian::finishWord,
                                            QFile::encodeName(targetDirectory)}));
    const QString unit = unitName(targetDirectory);
    const Result<> written =
        write(unitFolder + u'/' + unit, unitText(*program, targetDirectory, title, kind).toUtf8());
    return written ? enable(unit) : written;
}

Result<> NextStart::forget(const QString &targetDirectory)
{
    QStringList files{entryFile(targetDirectory)};
    if (::geteuid() == 0) {
        files.append(wantsFolder + u'/' + unitName(targetDirectory));
        files.append(unitFolder + u'/' + unitName(targetDirectory));
    }
    // Last: without it the others would start nothing.
    for (const auto kind : {WorkPlace::Kind::Beside, WorkPlace::Kind::Inside}) {
        const QString finisher = WorkPlace::finisherOf(kind, targetDirectory);
        files.append(finisher);
        files.append(finisher + ".part"_L1);
    }
    for (const QString &file : std::as_const(files)) {
        if (const Result<> removed = removeFile(file); !removed)
            return removed;
    }
    return {};
}

} // namespace Entracte
