// SPDX-License-Identifier: MIT
#include "platform/linux/identification/portrait.h"

#include "platform/linux/identification/document.h"
#include "platform/linux/identification/identification.h"
#include "platform/linux/identification/sandbox.h"
#include "platform/linux/interpreter.h"
#include "platform/linux/process.h"
#include "platform/linux/registration.h"
#include "platform/linux/relaunch/launchobstacle.h"

#include <QFile>

#include <algorithm>

#include <fcntl.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte {

Portrait::Portrait(const ApplicationGroup &group, const ProcessFacts &representative,
                   const QList<ClientWindow> &windows, bool isDisplayClient, const UnitFacts &facts,
                   const Surroundings &surroundings)
    : m_facts(representative)
    , m_windows(windows)
    , m_isDisplayClient(isDisplayClient)
    , m_unitFacts(facts)
    , m_surroundings(surroundings)
    , m_arguments(argumentsOf(pid_t(representative.process.pid)))
    , m_environment(environmentOf(pid_t(representative.process.pid)))
{
    m_application.processes = group.processes;
    m_application.process = group.processes.first();
    m_application.files = united(group.holders);
}

AffectedApplication Portrait::paint()
{
    describeOwner();
    classify();
    describeByRegistration();
    if (m_application.type == ApplicationType::Service && m_application.name.isEmpty())
        m_application.name = m_unitFacts.description;
    describeByEntry();
    if (m_application.type == ApplicationType::Service && m_application.name.isEmpty())
        m_application.name = plainText(m_application.serviceName);
    describeByScript();
    if (m_application.name.isEmpty() && !m_windows.isEmpty())
        m_application.name = m_windows.first().windowClass;
    if (m_application.name.isEmpty())
        m_application.name = plainText(m_facts.programName());
    if (m_application.name.isEmpty())
        m_application.name = commandName(pid_t(m_facts.process.pid));
    if (m_application.name.isEmpty())
        m_application.name = QString::number(m_facts.process.pid);
    grade();
    return m_application;
}

void Portrait::describeOwner()
{
    m_application.ownerUid = m_facts.owner;
    m_application.owner = userName(uid_t(m_facts.owner));
    m_application.isForeign = m_facts.owner != qint64(geteuid());
    m_application.executable = m_facts.executable;
    m_application.logonSession = m_facts.unit.logonSession;
    m_application.unit = m_facts.unit.name;
    m_application.isUserUnit = m_facts.unit.isUserUnit;
    for (const ClientWindow &window : std::as_const(m_windows))
        if (window.kind == ClientWindow::Kind::Main && !window.title.isEmpty())
            m_application.windowTitles.append(window.title);
}

void Portrait::describeByRegistration()
{
    const std::optional<Registration> registration = registrationOf(m_application.process);
    if (!registration)
        return;
    m_application.name = registration->name;
    m_application.iconName = registration->icon;
    m_application.restartability = restartabilityOf(*registration);
}

void Portrait::describeByEntry()
{
    const DesktopEntry *entry = findEntry();
    if (!entry)
        return;
    if (m_application.name.isEmpty())
        m_application.name = entry->name;
    if (m_application.iconName.isEmpty())
        m_application.iconName = entry->icon;
    if (entry->takesDocuments)
        m_application.document = documentOf(pid_t(m_facts.process.pid), m_arguments);
}

void Portrait::describeByScript()
{
    if (!m_application.name.isEmpty())
        return;
    if (const std::optional<Script> script = scriptOf(m_facts.executable, m_arguments))
        m_application.name = script->name;
}

// The order of linux-mechanisms 2: the first that is found counts.
const DesktopEntry *Portrait::findEntry() const
{
    if (const auto *entry = m_surroundings.entries.byId(m_facts.unit.applicationId))
        if (!m_facts.runsInTerminal)
            return entry;
    const Sandbox sandbox = sandboxOf(pid_t(m_facts.process.pid), m_environment);
    if (const auto *entry = m_surroundings.entries.byId(sandbox.applicationId))
        return entry;
    for (const auto find : {&Portrait::entryByWindow, &Portrait::entryByBus,
                            &Portrait::entryByLauncher, &Portrait::entryByProgram})
        if (const DesktopEntry *entry = (this->*find)())
            return entry;
    return nullptr;
}

const DesktopEntry *Portrait::entryByWindow() const
{
    const DesktopEntries &entries = m_surroundings.entries;
    for (const ClientWindow &window : m_windows) {
        if (const DesktopEntry *entry = entries.byId(window.applicationId))
            return entry;
        for (const QString &name : {window.windowClass, window.instance})
            if (const DesktopEntry *entry = entries.byWindowClass(name))
                return entry;
    }
    return nullptr;
}

// Names like org.kde.kate-4711 carry the number of the process.
const DesktopEntry *Portrait::entryByBus() const
{
    const auto pid = pid_t(m_facts.process.pid);
    for (const QString &name : m_surroundings.busNames.names.values(pid))
        for (const QString &id : {name, name.section(u'-', 0, -2)})
            if (const DesktopEntry *entry = m_surroundings.entries.byId(id))
                return entry;
    return nullptr;
}

// Children inherit the variable: it speaks of one process only.
const DesktopEntry *Portrait::entryByLauncher() const
{
    const QByteArray pid = environmentValue(m_environment, "GIO_LAUNCHED_DESKTOP_FILE_PID");
    if (pid != QByteArray::number(m_facts.process.pid))
        return nullptr;
    return m_surroundings.entries.byFile(
        QFile::decodeName(environmentValue(m_environment, "GIO_LAUNCHED_DESKTOP_FILE")));
}

const DesktopEntry *Portrait::entryByProgram() const
{
    if (!isInterpreter(m_facts.executable))
        return m_facts.program ? m_surroundings.entries.byProgram(*m_facts.program) : nullptr;
    const std::optional<Script> script = scriptOf(m_facts.executable, m_arguments);
    if (!script || script->path.isEmpty())
        return nullptr;
    QByteArray path = script->path;
    if (!path.startsWith('/'))
        path.prepend(QFile::encodeName(workingDirectoryOf(pid_t(m_facts.process.pid))) + '/');
    const QByteArray inside = "/proc/" + QByteArray::number(m_facts.process.pid) + "/root" + path;
    const std::optional<FileIdentity> program = identityAt(AT_FDCWD, inside.constData());
    return program ? m_surroundings.entries.byProgram(*program) : nullptr;
}

bool Portrait::owns(ClientWindow::Kind kind) const
{
    return std::any_of(m_windows.cbegin(), m_windows.cend(),
                       [kind](const ClientWindow &window) { return window.kind == kind; });
}

// A user's unit may be anything: with a window it is what the window makes it.
bool Portrait::isService() const
{
    if (m_facts.runsInTerminal || !m_facts.unit.isService())
        return false;
    if (m_facts.unit.kind == Unit::Kind::Service)
        return !m_facts.unit.isUserUnit || !owns(ClientWindow::Kind::Main);
    return m_facts.unit.kind == Unit::Kind::Activated && !m_isDisplayClient;
}

// Who paints the background is the shell, be it a file manager. On Wayland nobody tells.
bool Portrait::isShell() const
{
    return owns(ClientWindow::Kind::Desktop)
        || (m_facts.isSystemProgram && m_facts.programName() == u"plasmashell");
}

void Portrait::classify()
{
    if (isService()) {
        m_application.type = ApplicationType::Service;
        m_application.serviceName = m_facts.unit.serviceName();
    } else if (isShell()) {
        m_application.type = ApplicationType::Shell;
    } else if (owns(ClientWindow::Kind::Main)) {
        m_application.type = ApplicationType::MainWindow;
    } else if (m_facts.hasTerminal || m_facts.runsInTerminal) {
        m_application.type = ApplicationType::Console;
    } else if (m_isDisplayClient || !m_windows.isEmpty()) {
        m_application.type = ApplicationType::OtherWindow;
    }
}

void Portrait::grade()
{
    const QString obstacle = m_application.type == ApplicationType::Service
                               ? QString() // its manager starts it
                               : LaunchObstacle::of(m_application.process);
    if (!obstacle.isEmpty()) {
        m_application.restartability = Restartability::Cannot;
        m_application.reason = obstacle;
    } else if (m_application.restartability == Restartability::Registered) {
        return;
    } else if (m_application.restartability == Restartability::Cannot) {
        m_application.reason = Identification::tr("Asked not to be opened again after an update.",
                                                  "state of an application");
    } else if (m_application.type == ApplicationType::Console) {
        m_application.restartability = Restartability::Cannot;
        m_application.reason = Identification::tr(
            "Runs in a terminal and cannot be opened again for you.", "state of an application");
    }
}

} // namespace Entracte
