// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/relaunch/reopenrecord.h"
#include "platform/unix/descriptor.h"

#include <QByteArray>
#include <QList>

#include <optional>

namespace Entracte {

/// The word with which a session starts the copy; the ID follows.
inline constexpr char reopenWord[] = "--entracte-reopen";

/// The folder of records: 0700, ours. Beside them lies a copy of the executable that wrote them,
/// because an installer runs from a stick or from /tmp, which is empty after a restart.
///
///     $XDG_STATE_HOME/entracte/reopen/ID.record
///     $XDG_STATE_HOME/entracte/reopen/entracte-reopen      the copy
///     $XDG_CONFIG_HOME/autostart/entracte-reopen-ID.desktop
///
/// A record is taken by whoever removes it: the kernel lets one succeed, however many sessions
/// begin at once.
class ReopenFolder
{
public:
    static constexpr char copyName[] = "entracte-reopen";

    /// Opens \a path; invalid with errno unless it is a folder of our own that nobody else may
    /// enter. A link is not followed.
    explicit ReopenFolder(const QByteArray &path);

    bool isValid() const { return m_folder.isValid(); }
    const QByteArray &path() const { return m_path; }
    QByteArray copyPath() const { return m_path + '/' + copyName; }

    /// A name for a new record, never used again.
    static QByteArray newId();
    static QByteArray entryNameOf(const QByteArray &id) { return entryPrefix + id + ".desktop"; }

    QList<QByteArray> ids() const;
    /// Not taken; nullopt if there is none, or it is not to be trusted.
    std::optional<ReopenRecord> read(const QByteArray &id) const;
    /// False with errno when it could not be written whole.
    bool write(const QByteArray &id, const ReopenRecord &record) const;
    /// Copies this process's executable, in the place of an earlier copy.
    bool writeCopy() const;

    /// Removes the record: true for exactly one caller.
    bool take(const QByteArray &id) const;
    /// Without records the copy is not needed, nor is the folder.
    void tidyUp() const;

    static constexpr char entryPrefix[] = "entracte-reopen-";

private:
    QByteArray m_path;
    Descriptor m_folder;
};

/// Writes \a bytes into a new file \a name of \a folder that only its owner may read; false with
/// errno, and without the file, if that is impossible.
bool writePrivateFile(int folder, const QByteArray &name, const QByteArray &bytes, int mode = 0600);

} // namespace Entracte
