// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QFile>
#include <QList>
#include <QString>

#include <quazip/quazip.h>
#include <quazip/quazipfile.h>

/// Writes payloads, good ones and such as an attacker would.
namespace SamplePayload {

struct Entry
{
    QString name;
    QByteArray bytes;
    uint mode = 0100644; ///< with the type bits; 0: none at all
    int method = 8;      ///< deflated
    const char *password = nullptr;
};

inline Entry file(const QString &name, const QByteArray &bytes, uint mode = 0644)
{
    return {name, bytes, 0100000u | mode};
}

inline Entry directory(const QString &name, uint mode = 0755)
{
    return {name.endsWith(u'/') ? name : name + u'/', {}, 0040000u | mode, 0};
}

inline Entry link(const QString &name, const QByteArray &target)
{
    return {name, target, 0120777, 0};
}

/// False if the archive could not be written.
inline bool write(const QString &fileName, const QList<Entry> &entries)
{
    QuaZip zip(fileName);
    zip.setUtf8Enabled(true);
    zip.setOsCode(3);
    if (!zip.open(QuaZip::mdCreate))
        return false;
    for (const Entry &entry : entries) {
        QuaZipNewInfo info(entry.name);
        info.externalAttr = quint32(entry.mode) << 16;
        QuaZipFile file(&zip);
        if (!file.open(QIODevice::WriteOnly, info, entry.password, 0, entry.method)
            || file.write(entry.bytes) != entry.bytes.size())
            return false;
        file.close();
        if (file.getZipError() != 0)
            return false;
    }
    zip.close();
    return zip.getZipError() == 0;
}

/// Replaces every occurrence of \a before by \a after, of the same length, in the file itself.
inline bool patch(const QString &fileName, const QByteArray &before, const QByteArray &after)
{
    QFile file(fileName);
    if (before.size() != after.size() || !file.open(QIODevice::ReadWrite))
        return false;
    QByteArray bytes = file.readAll();
    const bool found = bytes.contains(before);
    bytes.replace(before, after);
    file.seek(0);
    return found && file.write(bytes) == bytes.size();
}

/// Replaces the bytes at \a offset.
inline bool overwrite(const QString &fileName, qint64 offset, const QByteArray &bytes)
{
    QFile file(fileName);
    return file.open(QIODevice::ReadWrite) && file.seek(offset)
        && file.write(bytes) == bytes.size();
}

/// Puts \a bytes before everything that is there.
inline bool prepend(const QString &fileName, const QByteArray &bytes)
{
    QFile file(fileName);
    if (!file.open(QIODevice::ReadWrite))
        return false;
    const QByteArray all = bytes + file.readAll();
    file.seek(0);
    return file.write(all) == all.size();
}

inline bool truncate(const QString &fileName, qint64 by)
{
    QFile file(fileName);
    return file.resize(file.size() - by);
}

} // namespace SamplePayload
