// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/detection/filetable.h"

#include <QHash>
#include <QSet>

namespace Entracte {

/// Takes the identities of paths for a FileTable, and descends into directories.
///
/// The inode numbers that a folder lists are believed, instead of asking for each file, where the
/// volume is known to list the true ones, for regular files on which nothing is mounted.
class FileRegistration
{
public:
    FileRegistration(FileTable &table, const ScanFeatures &features);

    void run(const QStringList &paths);

private:
    bool addPinned(const QString &path);
    void addByName(int folder, const QByteArray &name, const QString &path);
    void addFromFolder(const QStringList &paths, const std::vector<int> &wanted);
    void addFolder(const QString &path, int descriptor);
    void addBelow(int folder, const QByteArray &relative, std::vector<QByteArray> &toDo);
    void enter(const FileIdentity &identity, const QString &path, bool isRegular);
    bool listsTrueNumbers(int folder);

    FileTable &m_table;
    ScanFeatures m_features;
    quint64 m_now;
    int m_lastPin; ///< the highest descriptor that may be a pin
    int m_pinsLeft;
    std::optional<QSet<QByteArray>> m_foldersWithMounts;
    int m_folder = -1; ///< the one whose contents are being added
    int m_below = 0;
};

} // namespace Entracte
