// SPDX-License-Identifier: MIT
#pragma once

#include "plan/installplan.h"
#include "transaction/journal.h"
#include "transaction/receiptfile.h"
#include "transaction/transaction.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <sys/stat.h>
#include <zlib.h>

/// Small files and small plans.
namespace SampleTree {

inline bool put(const QString &fileName, const QByteArray &bytes)
{
    QDir().mkpath(QFileInfo(fileName).path());
    QFile file(fileName);
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
}

/// As QSaveFile does: another inode under the same name.
inline bool putByRename(const QString &fileName, const QByteArray &bytes)
{
    const QString draft = fileName + QStringLiteral(".draft");
    return put(draft, bytes)
        && ::rename(QFile::encodeName(draft).constData(), QFile::encodeName(fileName).constData())
               == 0;
}

inline QByteArray bytesOf(const QString &fileName)
{
    QFile file(fileName);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("(missing)");
}

inline ino_t inodeOf(const QString &fileName)
{
    struct stat status;
    return ::lstat(QFile::encodeName(fileName).constData(), &status) == 0 ? status.st_ino : 0;
}

inline int modeOf(const QString &fileName)
{
    struct stat status;
    return ::lstat(QFile::encodeName(fileName).constData(), &status) == 0
             ? int(status.st_mode & 07777)
             : -1;
}

inline Entracte::PayloadEntry entry(const QString &path, const QByteArray &bytes, int mode = 0644)
{
    Entracte::PayloadEntry made;
    made.path = path;
    made.size = bytes.size();
    made.mode = mode;
    return made;
}

inline Entracte::PayloadEntry folder(const QString &path, int mode = 0755)
{
    Entracte::PayloadEntry made;
    made.path = path;
    made.kind = Entracte::EntryKind::Directory;
    made.mode = mode;
    return made;
}

/// A line of a journal as any version writes it, without its line feed.
inline QByteArray journalLine(const QByteArray &body)
{
    const auto sum =
        quint32(::crc32(0, reinterpret_cast<const Bytef *>(body.constData()), uInt(body.size())));
    return body + " #" + QByteArray::number(sum, 16).rightJustified(8, '0');
}

/// Writes the receipt of a product "p" that owns \a files; it was never sealed.
inline bool putReceipt(const QString &target, const QMap<QString, Entracte::InstalledFile> &files)
{
    QDir().mkpath(target + QStringLiteral("/.entracte"));
    Entracte::Result<Entracte::Directory> directory = Entracte::Directory::open(target);
    if (!directory)
        return false;
    Entracte::Result<Entracte::Journal> journal = Entracte::Journal::create(
        *directory, Entracte::ReceiptFile::path(),
        {QStringLiteral("transaction-1"), QStringLiteral("p"), QVersionNumber(1), target, {}});
    if (!journal)
        return false;
    for (auto file = files.cbegin(); file != files.cend(); ++file)
        journal->add(file.key(), file.value());
    journal->add(Entracte::Journal::Mark::Staged);
    return bool(journal->write());
}

/// Everything of \a directory, hidden names included.
inline QStringList namesIn(const QString &directory)
{
    return QDir(directory).entryList(QDir::AllEntries | QDir::Hidden | QDir::System
                                     | QDir::NoDotAndDotDot);
}

} // namespace SampleTree
