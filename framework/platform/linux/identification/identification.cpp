// SPDX-License-Identifier: MIT
#include "platform/linux/identification/identification.h"

#include "platform/linux/identification/desktopentries.h"
#include "platform/linux/process.h"
#include "platform/linux/registration.h"

#include <QFileInfo>
#include <QMap>
#include <QSet>

#include <algorithm>

#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

void addWithAncestors(QSet<pid_t> &pids, pid_t pid)
{
    for (; pid > 1 && !pids.contains(pid); pid = parentOf(pid))
        pids.insert(pid);
}

QSet<pid_t> ourselvesAndAncestors(const UniqueProcess &installer)
{
    QSet<pid_t> pids;
    addWithAncestors(pids, getpid());
    if (isAlive(installer))
        addWithAncestors(pids, pid_t(installer.pid));
    return pids;
}

bool keepsTheSessionAlive(pid_t pid)
{
    static const QSet<QString> names{u"systemd"_s,         u"systemd-logind"_s,  u"dbus-daemon"_s,
                                     u"dbus-broker"_s,     u"dbus-broker-lau"_s, u"gnome-shell"_s,
                                     u"gnome-session-b"_s, u"plasmashell"_s,     u"kwin_x11"_s,
                                     u"kwin_wayland"_s};
    return pid == 1 || names.contains(commandName(pid));
}

/// Holders of one application: the same program, the same user, one started by the other.
QList<QList<FileHolder>> group(const QList<FileHolder> &holders)
{
    QMap<qint64, FileHolder> byPid;
    for (const FileHolder &holder : holders)
        byPid.insert(holder.process.pid, holder);

    QMap<QString, qint64> services; // all processes of a service are one row
    const auto rootOf = [&](const FileHolder &holder) {
        qint64 root = holder.process.pid;
        if (!holder.service.isEmpty()) {
            if (!services.contains(holder.service))
                services.insert(holder.service, root);
            return services.value(holder.service);
        }
        const QString program = executableOf(pid_t(root));
        const std::optional<uid_t> owner = ownerOf(pid_t(root));
        // Who speaks for itself is an application of its own.
        const auto isRegistered = [&byPid](qint64 pid) {
            return registrationOf(byPid.value(pid).process).has_value();
        };
        for (pid_t parent = parentOf(pid_t(root));
             !isRegistered(root) && byPid.contains(parent) && executableOf(parent) == program
             && ownerOf(parent) == owner;
             parent = parentOf(parent))
            root = parent;
        return root;
    };
    QMap<qint64, QList<FileHolder>> groups;
    for (const FileHolder &holder : byPid)
        groups[rootOf(holder)].append(holder);
    return groups.values();
}

QList<HeldFile> united(const QList<FileHolder> &holders)
{
    QMap<QString, HoldKinds> kinds;
    for (const FileHolder &holder : holders)
        for (const HeldFile &file : holder.files)
            kinds[file.path] |= file.kinds;
    QList<HeldFile> files;
    for (auto file = kinds.cbegin(); file != kinds.cend(); ++file)
        files.append({file.key(), file.value()});
    return files;
}

} // namespace

/// Fills one application, question by question.
class Portrait
{
public:
    Portrait(const QList<FileHolder> &holders, const QList<X11Window> &allWindows)
    {
        QSet<pid_t> pids;
        for (const FileHolder &holder : holders) {
            m_application.processes.append(holder.process);
            pids.insert(pid_t(holder.process.pid));
        }
        for (const X11Window &window : allWindows)
            if (pids.contains(window.pid))
                m_windows.append(window);
        m_application.files = united(holders);
        for (const FileHolder &holder : holders)
            if (!holder.service.isEmpty())
                m_application.serviceName = holder.service;
        chooseRepresentative();
    }

    AffectedApplication paint()
    {
        const pid_t pid = pid_t(m_application.process.pid);
        m_application.ownerUid = qint64(ownerOf(pid).value_or(uid_t(-1)));
        m_application.owner = userName(uid_t(m_application.ownerUid));
        m_application.isForeign = m_application.ownerUid != qint64(geteuid());
        m_application.executable = executableOf(pid);
        m_application.logonSession = logonSessionOf(pid);
        for (const X11Window &window : m_windows)
            if (!window.title.isEmpty())
                m_application.windowTitles.append(window.title);
        name(pid);
        classify(pid);
        return m_application;
    }

private:
    // The process with a window, else the eldest.
    void chooseRepresentative()
    {
        QList<UniqueProcess> &processes = m_application.processes;
        std::stable_sort(processes.begin(), processes.end(),
                         [](const auto &a, const auto &b) { return a.startTime < b.startTime; });
        for (const X11Window &window : m_windows) {
            const auto owner =
                std::find_if(processes.begin(), processes.end(),
                             [&window](const auto &p) { return p.pid == window.pid; });
            if (owner != processes.end()) {
                std::rotate(processes.begin(), owner, owner + 1);
                break;
            }
        }
        m_application.process = processes.first();
    }

    void name(pid_t pid)
    {
        const QString program = executableOf(pid);
        if (const std::optional<Registration> registration =
                registrationOf(m_application.process)) {
            m_application.name = registration->name;
            m_application.iconName = registration->icon;
            m_application.restartability = restartabilityOf(*registration);
            if (m_application.restartability == Restartability::Cannot)
                m_application.reason = Identification::tr(
                    "Asked not to be opened again after an update.", "state of an application");
        }
        if (m_application.name.isEmpty()) {
            if (const std::optional<DesktopEntry> entry = desktopEntryFor(program)) {
                m_application.name = entry->name;
                m_application.iconName = entry->icon;
            }
        }
        if (m_application.name.isEmpty() && !m_windows.isEmpty())
            m_application.name = m_windows.first().windowClass;
        if (m_application.name.isEmpty())
            m_application.name = plainText(QFileInfo(program).fileName());
        if (m_application.name.isEmpty())
            m_application.name = commandName(pid);
    }

    void classify(pid_t pid)
    {
        if (!m_application.serviceName.isEmpty()) {
            m_application.type = ApplicationType::Service;
            m_application.name = m_application.serviceName;
        } else if (!m_windows.isEmpty()) {
            m_application.type = ApplicationType::MainWindow;
        } else if (hasTerminal(pid)) {
            m_application.type = ApplicationType::Console;
            if (m_application.restartability == Restartability::Registered)
                return;
            m_application.restartability = Restartability::Cannot;
            m_application.reason =
                Identification::tr("Runs in a terminal and cannot be opened again for you.",
                                   "state of an application");
        }
    }

    AffectedApplication m_application;
    QList<X11Window> m_windows;
};

/// Why \a application must not be closed at all; None if it may.
static RebootReason obstacleOf(const AffectedApplication &application, const QSet<pid_t> &ourselves,
                               const QSet<pid_t> &critical)
{
    for (const UniqueProcess &process : application.processes) {
        const pid_t pid = pid_t(process.pid);
        if (ourselves.contains(pid))
            return RebootReason::DetectedSelf;
        if (critical.contains(pid) || keepsTheSessionAlive(pid))
            return RebootReason::CriticalProcess;
    }
    if (geteuid() != 0 && application.ownerUid != qint64(geteuid()))
        return RebootReason::PermissionDenied;
    return RebootReason::None;
}

static QString wordsFor(RebootReason reason)
{
    switch (reason) {
    case RebootReason::DetectedSelf:
        return Identification::tr("This installation was started from it, so it must stay open.",
                                  "state of an application");
    case RebootReason::CriticalProcess:
    case RebootReason::CriticalService:
        return Identification::tr("Your desktop needs it, so it must stay open.",
                                  "state of an application");
    case RebootReason::PermissionDenied:
    case RebootReason::SessionMismatch:
        return Identification::tr("It belongs to another user and cannot be closed from here.",
                                  "state of an application");
    case RebootReason::None:
        break;
    }
    return {};
}

AffectedApplications Identification::identify(const ProcessScan &scan, const X11Display &display,
                                              const UniqueProcess &installer)
{
    AffectedApplications affected;
    affected.processesNotInspected = scan.notInspected;
    if (scan.holders.isEmpty())
        return affected;

    const QSet<pid_t> ourselves = ourselvesAndAncestors(installer);
    const QSet<pid_t> critical = display.criticalProcesses();
    const QList<X11Window> windows = display.windows();
    for (const QList<FileHolder> &holders : group(scan.holders)) {
        AffectedApplication application = Portrait(holders, windows).paint();
        if (const RebootReason reason = obstacleOf(application, ourselves, critical);
            reason != RebootReason::None) {
            application.type = ApplicationType::Critical;
            application.restartability = Restartability::Cannot;
            application.canBeForced = false;
            application.reason = wordsFor(reason);
            affected.rebootReasons |= reason;
        }
        affected.applications.append(application);
    }
    return affected;
}

} // namespace Entracte
