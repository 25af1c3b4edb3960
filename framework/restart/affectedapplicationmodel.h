// SPDX-License-Identifier: MIT
#pragma once

#include "restart/affectedapplication.h"

#include <QAbstractListModel>

namespace Entracte {

class RestartSession;

/// The applications of a session for any view: widgets, QML, a terminal. Changes come as
/// differences (rows inserted, removed, changed), so a selection and the keyboard focus survive an
/// update.
class AffectedApplicationModel : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role {
        NameRole = Qt::DisplayRole,
        IconNameRole = Qt::UserRole, ///< QString: theme name or path
        ProcessRole,                 ///< Entracte::UniqueProcess
        TypeRole,                    ///< ApplicationType
        StatusRole,                  ///< ApplicationStatuses
        ClosingRole,                 ///< ClosingState
        RestartabilityRole,          ///< Restartability
        ReasonRole,                  ///< QString, plain text
        StateTextRole,               ///< QString: one translated sentence that says it all
        FilesRole,                   ///< QStringList of absolute paths
        HoldsRole,                   ///< QStringList: a sentence a file, how it is held
        ServiceNameRole,             ///< QString; empty unless a service
        WindowTitlesRole,            ///< QStringList
        OwnerRole,                   ///< QString
        CanBeForcedRole,             ///< bool
        PidRole,                     ///< qint64
    };
    Q_ENUM(Role)

    explicit AffectedApplicationModel(RestartSession *session, QObject *parent = nullptr);

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

    const AffectedApplication &application(int row) const { return m_rows.at(row); }

    /// How many rows are still in the way.
    int inTheWayCount() const;
    /// True when files are to be replaced that nearly everything uses; nobody is in a row because
    /// of them.
    bool hasUbiquitousFiles() const;
    /// Others' processes that could not be looked into: one of them may use the files as well.
    int processesNotInspected() const;

private:
    void synchronize();

    RestartSession *m_session;
    QList<AffectedApplication> m_rows; ///< in the session's order: of closing, then by name
};

} // namespace Entracte
