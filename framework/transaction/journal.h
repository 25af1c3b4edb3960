// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "transaction/filesystem.h"

#include <QCoreApplication>

#include <memory>
#include <optional>

namespace Entracte {

/// The append-only record of one transaction: `journal` in the work directory beside the target
/// (`<parent>/.<name>.entracte`), one JSON object per line, synced before the step it announces.
///
///     {"formatVersion":1,"transaction":"…","product":"…","target":"…","createdParents":[…]}
///     {"step":"staged"}
///     {"step":"exchanging"}      or "moving" for a first installation
///     {"step":"committed"}
///
/// A half-written last line (power loss) counts as not written.
class Journal
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::Journal)

public:
    static constexpr int formatVersion = 1;

    enum class Step { Begun, Staged, Exchanging, Moving, Committed };

    struct Header
    {
        QString transactionId;
        QString productId;
        QString targetDirectory;
        QStringList createdParents; ///< directories made to hold the target, outermost first
    };

    /// What an earlier process left behind.
    struct Record
    {
        Header header;
        Step lastStep = Step::Begun;
    };

    /// Starts a new journal in \a workDirectory; there must be none.
    static Result<std::unique_ptr<Journal>> create(const QString &workDirectory,
                                                   const Header &header);

    /// Reads the journal in \a workDirectory: nullopt if there is none (or only half a header,
    /// which means that nothing had begun); an error if it is of a newer format.
    static Result<std::optional<Record>> read(const QString &workDirectory);

    ~Journal();

    /// Appends \a step and returns when it has reached the disk.
    Result<> write(Step step);

private:
    explicit Journal(std::unique_ptr<QFileDevice> file);
    std::unique_ptr<QFileDevice> m_file;
};

} // namespace Entracte
