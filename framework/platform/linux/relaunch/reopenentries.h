// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "restart/reopening.h"

#include <QCoreApplication>

#include <vector>

namespace Entracte {

class ReopenFolder;
struct ReopenRecord;

/// What one user's process is asked to do about its user's programs: the requests of Reopening as a
/// value.
struct ReopenTask
{
    enum class What { Look, Arrange, Forget };
    What what = What::Look;
    QDateTime time;                          ///< of the restart, for Arrange
    QList<AffectedApplication> applications; ///< empty for Forget
};

/// Reopening for the user that this process runs as, through the autostart of the desktop (XDG
/// Autostart Specification): one entry a program, which any session runs at its beginning,
/// whichever desktop or systemd begins it. The entry names the copy and the record and nothing else
/// (ReopenFolder); Reopening::takeUp() takes the record, removes the entry, and only then becomes
/// the program. Blocks, for as long as copying the executable takes; one call at a time.
class ReopenEntries
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::ReopenEntries)

public:
    ReopeningOutlook look(const QList<AffectedApplication> &applications) const;
    /// All or nothing: an error leaves nothing behind.
    Result<ReopeningOutlook> arrange(const QDateTime &time,
                                     const QList<AffectedApplication> &applications);
    Result<> forget();

    /// One of the above.
    Result<ReopeningOutlook> carryOut(const ReopenTask &task);

private:
    struct Program
    {
        QString name;
        QByteArray program;
        QList<QByteArray> arguments;
        QByteArray workingDirectory;
    };
    static std::vector<Program> programs(const QList<AffectedApplication> &applications);
    static ReopeningOutlook outlookFor(const std::vector<Program> &programs,
                                       const QList<AffectedApplication> &applications);
    static Result<> write(const ReopenFolder &folder, const std::vector<Program> &programs,
                          const QDateTime &time);
};

/// Whether \a application is one that a person opened and would open again, rather than one that
/// the system or the session starts.
bool isOpenedByPeople(const AffectedApplication &application);

} // namespace Entracte
