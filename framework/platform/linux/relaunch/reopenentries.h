// SPDX-License-Identifier: MIT
#pragma once

#include "restart/reopening.h"

#include <QCoreApplication>

#include <vector>

namespace Entracte {

class ReopenFolder;
struct ReopenRecord;

/// Reopening through the autostart of the desktop (XDG Autostart Specification): one entry a
/// program, which any session runs at its beginning, whichever desktop or systemd begins it. The
/// entry names the copy and the record and nothing else (ReopenFolder); Reopening::takeUp() takes
/// the record, removes the entry, and only then becomes the program.
class ReopenEntries : public Reopening
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::ReopenEntries)

public:
    QStringList candidates(const QList<AffectedApplication> &applications) const override;
    Result<QStringList> arrange(const QDateTime &time,
                                const QList<AffectedApplication> &applications) override;
    Result<> forget() override;

private:
    struct Program
    {
        QString name;
        QByteArray program;
        QList<QByteArray> arguments;
        QByteArray workingDirectory;
    };
    static std::vector<Program> programs(const QList<AffectedApplication> &applications);
    static Result<> write(const ReopenFolder &folder, const std::vector<Program> &programs,
                          const QDateTime &time);
};

} // namespace Entracte
