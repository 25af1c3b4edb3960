// SPDX-License-Identifier: MIT
#include "platform/linux/identification/identification.h"

#include "platform/linux/contact.h"
#include "platform/linux/identification/applicationgroup.h"
#include "platform/linux/identification/busconnection.h"
#include "platform/linux/identification/critical.h"
#include "platform/linux/identification/desktopentries.h"
#include "platform/linux/identification/managerquestions.h"
#include "platform/linux/identification/portrait.h"
#include "platform/linux/identification/processtable.h"
#include "platform/linux/identification/ubiquity.h"

#include <QMap>

#include <algorithm>

#include <unistd.h>

namespace Entracte {

namespace {

QString wordsFor(RebootReasons reasons)
{
    if (reasons.testFlag(RebootReason::DetectedSelf))
        return Identification::tr("This installation was started from it, so it must stay open.",
                                  "state of an application");
    if (reasons.testFlag(RebootReason::CriticalProcess))
        return Identification::tr("Your desktop needs it, so it must stay open.",
                                  "state of an application");
    if (reasons.testFlag(RebootReason::CriticalService))
        return Identification::tr("The system needs it, so it must keep running.",
                                  "state of an application");
    return Identification::belongsToAnother();
}

QSet<pid_t> holdersIn(const ProcessScan &scan)
{
    QSet<pid_t> holders;
    for (const FileHolder &holder : scan.holders)
        holders.insert(pid_t(holder.process.pid));
    return holders;
}

/// One listing: everything that is asked once for all applications.
class Listing
{
public:
    Listing(const ProcessScan &scan, const UniqueProcess &installer, const DesktopFacts &ofOthers)
        : m_scan(scan)
        , m_sessionBus(BusConnection::toSession())
        , m_systemBus(BusConnection::toSystem())
        , m_desktop(DesktopFacts::take(isDisplayOurs(holdersIn(scan)), m_sessionBus.get()))
        , m_critical(installer)
    {
        m_desktop.unite(ofOthers);
        m_critical.addDesktop(m_desktop.pillars + logonLeaders(m_systemBus.get()));
        if (const pid_t daemon = BusNames::daemonOf(m_systemBus.get()); daemon > 0)
            m_critical.addSystem(daemon);
    }

    AffectedApplications identify()
    {
        AffectedApplications affected;
        affected.processesNotInspected = m_scan.notInspected;
        affected.unattributedFiles = m_scan.unattributed;
        ApplicationGroups groups(m_table, m_desktop.display, m_critical);
        const QSet<QString> ubiquitous =
            ubiquitousFiles(m_scan, [this](const auto &process) { return isEssential(process); });
        affected.ubiquitousFiles = QStringList(ubiquitous.cbegin(), ubiquitous.cend());
        affected.ubiquitousFiles.sort();
        for (const ApplicationGroup &group : groups.of(m_scan.holders)) {
            const UnitFacts facts = factsOf(group);
            const Obstacles obstacles = obstaclesOf(group, facts);
            affected.rebootReasons |= obstacles.reasons;
            AffectedApplication application = paint(group, groups, facts);
            const bool usesUbiquitous = forgetFiles(application, ubiquitous);
            if (usesUbiquitous)
                affected.advisedLevel =
                    std::max({affected.advisedLevel, RestartLevel::Session, obstacles.level});
            if (usesUbiquitous && application.files.isEmpty())
                continue; // nobody is closed because of such a file alone
            application.requiredLevel = obstacles.level;
            if (obstacles)
                forbid(application, obstacles);
            affected.applications.append(application);
        }
        return affected;
    }

private:
    /// What the desktop or the system stands on; the installer itself does not count.
    bool isEssential(const UniqueProcess &process)
    {
        const Obstacles obstacles = m_critical.obstaclesOf(m_table.of(pid_t(process.pid)));
        return obstacles.reasons
             & (RebootReasons(RebootReason::CriticalProcess) | RebootReason::CriticalService);
    }

    const ProcessFacts &representativeOf(const ApplicationGroup &group)
    {
        return m_table.of(pid_t(group.processes.first().pid));
    }

    /// Asked for services only, each once: many may hold the same library.
    UnitFacts factsOf(const ApplicationGroup &group)
    {
        const ProcessFacts &process = representativeOf(group);
        const Unit &unit = process.unit;
        const bool isKnown = unit.isService() && unit.isOneApplication();
        if (!isKnown || (unit.isUserUnit && process.owner != qint64(geteuid())))
            return {};
        const auto key = std::pair(unit.isUserUnit, unit.name);
        if (!m_unitFacts.contains(key))
            m_unitFacts.insert(key, unitFactsOf(unit.name, unit.isUserUnit ? m_sessionBus.get()
                                                                           : m_systemBus.get()));
        return m_unitFacts.value(key);
    }

    Obstacles obstaclesOf(const ApplicationGroup &group, const UnitFacts &facts)
    {
        Obstacles all;
        for (const UniqueProcess &process : group.processes)
            all.unite(m_critical.obstaclesOf(m_table.of(pid_t(process.pid))));
        if (facts.refusesStop)
            all.add(RebootReason::CriticalService, RestartLevel::Reboot);
        return all;
    }

    AffectedApplication paint(const ApplicationGroup &group, const ApplicationGroups &groups,
                              const UnitFacts &facts)
    {
        if (!m_entries)
            m_entries = std::make_unique<DesktopEntries>();
        const bool isClient =
            std::any_of(group.processes.cbegin(), group.processes.cend(), [this](const auto &one) {
                return m_desktop.display.isClient(pid_t(one.pid));
            });
        const Portrait::Surroundings surroundings{*m_entries, m_desktop.bus};
        return Portrait(group, representativeOf(group), groups.windowsOf(group.processes), isClient,
                        facts, surroundings)
            .paint();
    }

    /// Takes \a files off the row; true if it held any.
    static bool forgetFiles(AffectedApplication &application, const QSet<QString> &files)
    {
        return application.files.removeIf([&files](const HeldFile &file) {
            return files.contains(file.path);
        }) > 0;
    }

    static void forbid(AffectedApplication &application, const Obstacles &obstacles)
    {
        application.type = ApplicationType::Critical;
        application.restartability = Restartability::Cannot;
        application.canBeForced = false;
        application.reason = wordsFor(obstacles.reasons);
    }

    const ProcessScan &m_scan;
    ProcessTable m_table;
    std::unique_ptr<BusConnection> m_sessionBus;
    std::unique_ptr<BusConnection> m_systemBus;
    DesktopFacts m_desktop;
    CriticalProcesses m_critical;
    std::unique_ptr<DesktopEntries> m_entries; ///< only once somebody has to be described
    QMap<std::pair<bool, QString>, UnitFacts> m_unitFacts;
};

} // namespace

QString Identification::belongsToAnother()
{
    return tr("It belongs to another user and cannot be closed from here.",
              "state of an application");
}

AffectedApplications Identification::identify(const ProcessScan &scan,
                                              const UniqueProcess &installer,
                                              const DesktopFacts &ofOthers)
{
    if (!scan.holders.isEmpty())
        return Listing(scan, installer, ofOthers).identify();
    AffectedApplications nobody;
    nobody.processesNotInspected = scan.notInspected;
    nobody.unattributedFiles = scan.unattributed;
    return nobody;
}

} // namespace Entracte
