// SPDX-License-Identifier: MIT
#include "restart/affectedapplicationmodel.h"

#include "restart/heldfile.h"
#include "restart/restartsession.h"

#include <algorithm>

namespace Entracte {

static QString closingText(const AffectedApplication &application)
{
    switch (application.closing) {
    case ClosingState::Asked: // a service has a limit of its own, and says so
        return application.reason.isEmpty()
                 ? AffectedApplicationModel::tr("Asked to close.", "state of an application")
                 : application.reason;
    case ClosingState::WaitingForUser:
        return AffectedApplicationModel::tr("Waiting for you to answer its question.",
                                            "state of an application");
    case ClosingState::NotResponding:
        return AffectedApplicationModel::tr("Does not respond.", "state of an application");
    case ClosingState::Refused:
        return application.reason.isEmpty()
                 ? AffectedApplicationModel::tr("Stayed open.", "state of an application")
                 : application.reason;
    case ClosingState::Queried:
        return AffectedApplicationModel::tr("Asked whether it may close.",
                                            "state of an application");
    case ClosingState::Ending:
        return AffectedApplicationModel::tr("Is being ended.", "state of an application");
    case ClosingState::NotAsked:
    case ClosingState::Closed:
        break;
    }
    return {};
}

static QString stateText(const AffectedApplication &application)
{
    if (application.status.testFlag(ApplicationStatus::ErrorOnRestart))
        return application.reason.isEmpty() ? AffectedApplicationModel::tr(
                   "Could not be opened again.", "state of an application")
                                            : application.reason;
    if (application.status.testFlag(ApplicationStatus::Restarted))
        return AffectedApplicationModel::tr("Open again.", "state of an application");
    if (application.status.testFlag(ApplicationStatus::Stopped)
        && application.restartability == Restartability::Cannot)
        return application.reason.isEmpty() ? AffectedApplicationModel::tr(
                   "Closed; cannot be opened again for you.", "state of an application")
                                            : application.reason;
    if (application.status.testFlag(ApplicationStatus::Stopped))
        return AffectedApplicationModel::tr("Closed; will be opened again.",
                                            "state of an application");
    if (application.isCritical() && !application.reason.isEmpty())
        return application.reason;
    if (const QString closing = closingText(application); !closing.isEmpty())
        return closing;
    if (application.restartability == Restartability::Cannot)
        return application.reason.isEmpty() ? AffectedApplicationModel::tr(
                   "Open; cannot be opened again for you.", "state of an application")
                                            : application.reason;
    if (!application.reason.isEmpty())
        return application.reason;
    return AffectedApplicationModel::tr("Open.", "state of an application");
}

static QStringList paths(const QList<HeldFile> &files)
{
    QStringList result;
    std::transform(files.cbegin(), files.cend(), std::back_inserter(result),
                   [](const HeldFile &file) { return file.path; });
    return result;
}

static QStringList holds(const QList<HeldFile> &files)
{
    QStringList result;
    std::transform(files.cbegin(), files.cend(), std::back_inserter(result),
                   [](const HeldFile &file) { return sentenceFor(file); });
    return result;
}

AffectedApplicationModel::AffectedApplicationModel(RestartSession *session, QObject *parent)
    : QAbstractListModel(parent)
    , m_session(session)
    , m_rows(session->applications())
{
    connect(session, &RestartSession::applicationsChanged, this,
            &AffectedApplicationModel::synchronize);
}

int AffectedApplicationModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

QVariant AffectedApplicationModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};

    const AffectedApplication &row = m_rows.at(index.row());
    switch (role) {
    case NameRole:
        return row.name;
    case Qt::AccessibleTextRole:
        return tr("%1: %2", "an application and its state, read aloud")
            .arg(row.name, stateText(row));
    case IconNameRole:
        return row.iconName;
    case ProcessRole:
        return QVariant::fromValue(row.process);
    case TypeRole:
        return QVariant::fromValue(row.type);
    case StatusRole:
        return QVariant::fromValue(row.status);
    case ClosingRole:
        return QVariant::fromValue(row.closing);
    case RestartabilityRole:
        return QVariant::fromValue(row.restartability);
    case ReasonRole:
        return row.reason;
    case StateTextRole:
        return stateText(row);
    case FilesRole:
        return paths(row.files);
    case HoldsRole:
        return holds(row.files);
    case ServiceNameRole:
        return row.serviceName;
    case WindowTitlesRole:
        return row.windowTitles;
    case OwnerRole:
        return row.owner;
    case CanBeForcedRole:
        return row.canBeForced;
    case PidRole:
        return row.process.pid;
    default:
        return {};
    }
}

QHash<int, QByteArray> AffectedApplicationModel::roleNames() const
{
    return {
        {NameRole, "name"},
        {IconNameRole, "iconName"},
        {ProcessRole, "process"},
        {TypeRole, "type"},
        {StatusRole, "status"},
        {ClosingRole, "closing"},
        {RestartabilityRole, "restartability"},
        {ReasonRole, "reason"},
        {StateTextRole, "stateText"},
        {FilesRole, "files"},
        {HoldsRole, "holds"},
        {ServiceNameRole, "serviceName"},
        {WindowTitlesRole, "windowTitles"},
        {OwnerRole, "owner"},
        {CanBeForcedRole, "canBeForced"},
        {PidRole, "pid"},
    };
}

int AffectedApplicationModel::inTheWayCount() const
{
    return int(m_session->inTheWay().size());
}

bool AffectedApplicationModel::hasUbiquitousFiles() const
{
    return !m_session->ubiquitousFiles().isEmpty();
}

int AffectedApplicationModel::processesNotInspected() const
{
    return m_session->processesNotInspected();
}

// Rows go, come and move one by one, so that views keep their selection and focus.
void AffectedApplicationModel::synchronize()
{
    const QList<AffectedApplication> &current = m_session->applications();
    const auto placeOf = [](const QList<AffectedApplication> &list, const UniqueProcess &process) {
        const auto found = std::find_if(list.cbegin(), list.cend(), [&process](const auto &one) {
            return one.process == process;
        });
        return found == list.cend() ? -1 : int(std::distance(list.cbegin(), found));
    };

    for (int row = int(m_rows.size()) - 1; row >= 0; --row) {
        if (placeOf(current, m_rows.at(row).process) >= 0)
            continue;
        beginRemoveRows({}, row, row);
        m_rows.removeAt(row);
        endRemoveRows();
    }
    for (int row = 0; row < current.size(); ++row) {
        const int before = placeOf(m_rows, current.at(row).process);
        if (before < 0) {
            beginInsertRows({}, row, row);
            m_rows.insert(row, current.at(row));
            endInsertRows();
            continue;
        }
        if (before != row) {
            beginMoveRows({}, before, before, {}, row);
            m_rows.move(before, row);
            endMoveRows();
        }
        if (m_rows.at(row) != current.at(row)) {
            m_rows[row] = current.at(row);
            emit dataChanged(index(row), index(row));
        }
    }
}

} // namespace Entracte

#include "moc_affectedapplicationmodel.cpp"
