// SPDX-License-Identifier: MIT
#include "transaction/journal.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

const auto stepWords = std::to_array<std::pair<Journal::Step, QLatin1StringView>>({
    {Journal::Step::Begun, "begun"_L1},
    {Journal::Step::Staged, "staged"_L1},
    {Journal::Step::Exchanging, "exchanging"_L1},
    {Journal::Step::Moving, "moving"_L1},
    {Journal::Step::Committed, "committed"_L1},
});

QString journalIn(const QString &workDirectory)
{
    return workDirectory + "/journal"_L1;
}

QString toWord(Journal::Step step)
{
    for (const auto &[value, word] : stepWords) {
        if (value == step)
            return word;
    }
    Q_UNREACHABLE();
}

std::optional<Journal::Step> stepFrom(const QString &text)
{
    for (const auto &[value, word] : stepWords) {
        if (text == word)
            return value;
    }
    return std::nullopt;
}

/// The system's words if \a line does not reach the disk.
QString append(QFileDevice &file, const QJsonObject &line)
{
    const QByteArray bytes = QJsonDocument(line).toJson(QJsonDocument::Compact) + '\n';
    if (file.write(bytes) != bytes.size() || !file.flush())
        return file.errorString();
    if (::fsync(file.handle()) != 0)
        return systemReply(errno);
    return {};
}

/// Best effort: not every file system lets a directory be synced.
void syncDirectory(const QString &path)
{
    const int directory =
        ::open(QFile::encodeName(path).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return;
    ::fsync(directory);
    ::close(directory);
}

} // namespace

Journal::Journal(std::unique_ptr<QFileDevice> file)
    : m_file(std::move(file))
{
}

Journal::~Journal() = default;

Result<std::unique_ptr<Journal>> Journal::create(const QString &workDirectory, const Header &header)
{
    auto file = std::make_unique<QFile>(journalIn(workDirectory));
    QString reply;
    if (!file->open(QIODevice::WriteOnly | QIODevice::NewOnly | QIODevice::Unbuffered)) {
        reply = file->errorString();
    } else {
        reply = append(*file,
                       {{u"formatVersion"_s, formatVersion},
                        {u"transaction"_s, header.transactionId},
                        {u"product"_s, header.productId},
                        {u"target"_s, header.targetDirectory},
                        {u"createdParents"_s, QJsonArray::fromStringList(header.createdParents)}});
    }
    if (!reply.isEmpty())
        return Error{file->error() == QFileDevice::ResourceError ? ErrorCode::NoSpace
                                                                 : ErrorCode::Failed,
                     tr("Could not start the journal “%1”: %2.", "error message; %2: system")
                         .arg(file->fileName(), reply)};
    syncDirectory(workDirectory);
    return std::unique_ptr<Journal>(new Journal(std::move(file)));
}

Result<std::optional<Journal::Record>> Journal::read(const QString &workDirectory)
{
    QFile file(journalIn(workDirectory));
    if (!file.exists())
        return std::optional<Record>();
    if (!file.open(QIODevice::ReadOnly))
        return Error{ErrorCode::Failed,
                     tr("Could not read the journal “%1”: %2.", "error message; %2: system")
                         .arg(file.fileName(), file.errorString())};

    QList<QByteArray> lines = file.readAll().split('\n');
    lines.removeLast(); // what follows the last line feed is empty, or was never finished
    if (lines.isEmpty())
        return std::optional<Record>();

    const QJsonObject header = QJsonDocument::fromJson(lines.takeFirst()).object();
    const int version = header[u"formatVersion"_s].toInt();
    if (version != formatVersion)
        return Error{ErrorCode::Failed,
                     tr("The journal “%1” was written by another version of the installer: use "
                        "that one to finish or undo the installation.",
                        "error message")
                         .arg(file.fileName())};

    Record record;
    record.header.transactionId = header[u"transaction"_s].toString();
    record.header.productId = header[u"product"_s].toString();
    record.header.targetDirectory = header[u"target"_s].toString();
    const QJsonArray parents = header[u"createdParents"_s].toArray();
    for (const QJsonValue &parent : parents)
        record.header.createdParents.append(parent.toString());
    for (const QByteArray &line : std::as_const(lines)) {
        const QJsonObject object = QJsonDocument::fromJson(line).object();
        if (const std::optional<Step> step = stepFrom(object[u"step"_s].toString()))
            record.lastStep = *step;
    }
    return std::optional<Record>(record);
}

Result<> Journal::write(Step step)
{
    const QString reply = append(*m_file, {{u"step"_s, toWord(step)}});
    if (reply.isEmpty())
        return {};
    return Error{m_file->error() == QFileDevice::ResourceError ? ErrorCode::NoSpace
                                                               : ErrorCode::Failed,
                 tr("Could not write to the journal “%1”: %2.", "error message; %2: system")
                     .arg(m_file->fileName(), reply)};
}

} // namespace Entracte
