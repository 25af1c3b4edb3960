// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "plan/installedproduct.h"
#include "transaction/directory.h"

#include <QCoreApplication>
#include <QHash>
#include <QList>
#include <QSet>
#include <QStringList>

#include <optional>

namespace Entracte {

/// One step of the per-file road; paths are relative to the target.
struct FileStep
{
    enum class Kind {
        MakeDirectory,   ///< path, mode
        Swap,            ///< path ↔ its draft; afterwards the old file lies where the draft lay
        Add,             ///< draft → path, where nothing is
        Drop,            ///< path → where its draft would lie
        Aside,           ///< path → other: something foreign or edited makes room and stays
        RemoveDirectory, ///< path, if it is empty by then: the old version's, not the new one's
        Draft, ///< path is a draft or an old file on a volume of its own, to be deleted at the end
    };

    Kind kind = Kind::Add;
    QString path;
    int mode = 0;      ///< MakeDirectory, RemoveDirectory
    quint64 inode = 0; ///< Swap and Add: of the draft; Drop and Aside: of what stands at path. It
                       ///< tells whether the step was done
    QString other;     ///< Aside: the new name. Others: the draft's path in the target if it lies
                       ///< on a volume of its own, else empty (then it is `new/<path>`)
};

/// The append-only record of one transaction: `journal` in its work directory, one line per fact,
/// each with a checksum, synced before the step it announces.
///
///     entracte 1.1 <transaction> <product> <version> #checksum
///     target /opt/aurora #…
///     parent /opt #…                                   a folder made to hold the target
///     dir 755 share #…                                 what the product owns, in no order …
///     file 644 1204 1763989200000000000 <sha256> share/a%20b.txt #…
///     link bin/aurora aurora-2 #…
///     staged #…                                        … is complete and on the disk
///     swap 1234 share/a%20b.txt #…                     per-file road only: what will be done
///     swapping #…                                      … begins
///     undoing #…                                       the swap is taken back
///     committed #…                                     the new version is the one
///
/// Of a version that waits (Transaction::defer), between *staged* and the swap:
///
///     was 1204 1763989200000000000 share/a%20b.txt #…  so a file looked that is not as installed
///     theirs etc/aurora.conf #…                        an edited file that keeps its name
///     backup etc/old.conf etc/old.conf.saved #…        what is in the way is safe under that name
///     !deferred <base> #…                              over which installed transaction
///
/// Once committed, this very file is the receipt (`.entracte/receipt` in the target). It is read
/// by JournalReader.
///
/// Versions: a reader knows every journal of its own major number, whatever its minor: newer minor
/// numbers only add kinds of lines that one may pass over, or that begin with an exclamation mark:
/// who does not know such a line must not touch what the journal is about. Reading stops at the
/// first line whose checksum is wrong: that is where the power went.
class Journal
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::Journal)

public:
    static constexpr int majorVersion = 1;
    static constexpr int minorVersion = 1;

    struct Header
    {
        QString transactionId;
        QString productId;
        QVersionNumber version;
        QString targetDirectory;
        QStringList createdParents; ///< directories made to hold the target, outermost first
        bool isRemoval = false;     ///< nothing of the product is to remain
    };

    /// What is known of a version that waits, beside what every journal says.
    struct Deferral
    {
        QString base; ///< transaction of the installed version that it goes over; empty: none
        QHash<QString, FileStamp> seen;  ///< files that did not look as their receipt says
        QSet<QString> theirs;            ///< edited files that keep their names
        QHash<QString, QString> backUps; ///< by path
    };

    /// What a journal says, as JournalReader gives it. An undoing overrules what was committed
    /// before it; a deferral a swap that was begun and taken back before it.
    struct Record
    {
        Header header;
        InstalledFiles files;
        QList<FileStep> steps;
        bool isStaged = false;
        bool isSwapping = false; ///< the per-file road was taken
        bool isUndoing = false;  ///< the swap is being taken back
        bool isCommitted = false;
        std::optional<Deferral> deferral; ///< the version waits, or waited
    };

    /// Starts the new file \a path in \a directory and syncs it.
    static Result<Journal> create(Directory &directory, const QString &path, const Header &header);

    /// Goes on with a journal that another process began. What was torn is cut off by a line feed.
    static Result<Journal> resume(Directory &directory, const QString &path);

    // Lines are gathered; they reach the disk with the next of the functions below that say so.
    void add(const QString &path, const InstalledFile &file) { appendLine(m_lines, path, file); }
    void addLines(QByteArrayView lines) { m_lines.append(lines); } ///< made by appendLine()
    qsizetype gathered() const { return m_lines.size(); }          ///< bytes
    void add(const FileStep &step);

    /// All that \a deferral says, in one go: the last line makes it count.
    void add(const Deferral &deferral);

    /// Appends the line that says that the product owns \a file. From any thread.
    static void appendLine(QByteArray &lines, const QString &path, const InstalledFile &file);

    enum class Mark { Staged, Swapping, Undoing, Committed };
    void add(Mark mark);

    Result<> write(); ///< to the file, not yet to the disk
    Result<> sync();  ///< to the disk

private:
    explicit Journal(OutputFile file);

    OutputFile m_file;
    QByteArray m_lines;
};

} // namespace Entracte
