// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/detection/fileidentity.h"
#include "restart/affectedapplication.h"

#include <QHash>
#include <QList>
#include <QSet>
#include <QString>
#include <QStringList>

#include <atomic>

namespace Entracte {

size_t qHash(const FileIdentity &identity, size_t seed = 0);

/// Registered files: identity → name under which it was registered.
using FileTable = QHash<FileIdentity, QString>;

/// Takes the identity of each of \a files now; links are resolved, missing files left out.
FileTable identify(const QStringList &files);

/// What is looked for: files by identity, processes and services by themselves.
struct ScanTargets
{
    FileTable files;
    QSet<UniqueProcess> processes;
    QSet<QString> services; ///< short names

    bool isEmpty() const { return files.isEmpty() && processes.isEmpty() && services.isEmpty(); }
};

struct FileHolder
{
    UniqueProcess process;
    QList<HeldFile> files;
    QString service; ///< short name, if it belongs to a service that was looked for
};

struct ProcessScan
{
    QList<FileHolder> holders;
    int notInspected = 0; ///< processes of other users that we may not look into
    /// Registered files that are in use, with no process found that uses them.
    QStringList unattributed;
    int inspected = 0; ///< processes looked into
};

/// One pass over /proc (linux-mechanisms 1.5): open descriptors, mappings and the executable of
/// every process, compared by device and inode. A process that holds something is read a second
/// time under a pidfd, so that what is reported belongs to the process it is reported for.
///
/// Never follows a path into a file system that may hang. Blocks for about 0.1 s on a busy desktop:
/// call it from a worker; it returns early, with less, once \a cancelled is true.
///
/// Not covered yet: file systems whose maps show another device than stat (btrfs), descriptors in
/// flight, io_uring. Directories are not registered.
ProcessScan scanProcesses(const ScanTargets &targets, const std::atomic<bool> &cancelled);

/// What several processes hold, each file once, by path.
QList<HeldFile> united(const QList<FileHolder> &holders);

} // namespace Entracte
