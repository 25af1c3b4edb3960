// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/detection/fileidentity.h"

#include <QHash>
#include <QString>
#include <QStringList>

#include <utility>
#include <vector>

namespace Entracte {

/// How a desktop presents a program. All text is a stranger's.
struct DesktopEntry
{
    QString id;   ///< "org.kde.kate"
    QString name; ///< in the current language
    QString icon; ///< theme name or absolute path; may be empty
    QString windowClass;
    bool isHidden = false;       ///< in no menu
    bool takesDocuments = false; ///< may be started with files or addresses
};

/// The desktop entries of this machine, flatpaks' and snaps' among them, read once.
///
/// What lies in those folders may be anything: only regular files count, of each no more than its
/// first 256 KiB, and no more than 10,000 of them.
class DesktopEntries
{
public:
    /// $XDG_DATA_HOME, then $XDG_DATA_DIRS, then where flatpak and snap export to.
    static QStringList standardFolders();

    explicit DesktopEntries(const QStringList &folders = standardFolders());

    // The entry for each kind of evidence; null if there is none. Not in every menu is everything
    // that runs, so hidden entries are found, but after the others.
    const DesktopEntry *byId(const QString &id) const;
    /// By WM_CLASS: the one that says so (StartupWMClass), else the one that is called so.
    const DesktopEntry *byWindowClass(const QString &windowClass) const;
    /// The one whose Exec= starts this file, which may be a script.
    const DesktopEntry *byProgram(const FileIdentity &program) const;
    /// \a file: the absolute path of a desktop entry; null unless it lies where entries lie.
    const DesktopEntry *byFile(const QString &file) const;

private:
    void read(const QString &folder);
    void add(const QString &file, const QString &id);
    const DesktopEntry *at(qsizetype place) const;

    std::vector<DesktopEntry> m_entries;
    QStringList m_folders;
    QHash<QString, qsizetype> m_byId; ///< lower case; -1 for one that a nearer folder takes away
    QHash<QString, qsizetype> m_byWindowClass;                 ///< lower case
    QHash<std::pair<quint64, quint64>, qsizetype> m_byProgram; ///< device and inode
};

} // namespace Entracte
