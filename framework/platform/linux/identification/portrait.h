// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/identification/applicationgroup.h"
#include "platform/linux/identification/busnames.h"
#include "platform/linux/identification/desktopentries.h"
#include "platform/linux/identification/displayclients.h"
#include "platform/linux/identification/processtable.h"
#include "platform/linux/systemd/unitfacts.h"
#include "restart/affectedapplication.h"

#include <QByteArray>
#include <QList>
#include <QString>

namespace Entracte {

/// One application as a person knows it, filled question by question. What the processes tell is
/// hostile text.
class Portrait
{
public:
    /// What is known of the desktop as a whole while one listing is made.
    struct Surroundings
    {
        const DesktopEntries &entries;
        const BusNames &busNames;
    };

    /// \a windows: those of the group. \a facts: of its unit, if that is a service.
    Portrait(const ApplicationGroup &group, const ProcessFacts &representative,
             const QList<ClientWindow> &windows, bool isDisplayClient, const UnitFacts &facts,
             const Surroundings &surroundings);

    AffectedApplication paint();

private:
    void describeOwner();
    void describeByRegistration();
    void describeByEntry();
    void describeByScript();
    void classify();
    void grade();

    const DesktopEntry *findEntry() const;
    const DesktopEntry *entryByWindow() const;
    const DesktopEntry *entryByBus() const;
    const DesktopEntry *entryByLauncher() const;
    const DesktopEntry *entryByProgram() const;
    bool owns(ClientWindow::Kind kind) const;
    bool isService() const;
    bool isShell() const;

    const ProcessFacts &m_facts;
    QList<ClientWindow> m_windows;
    bool m_isDisplayClient;
    UnitFacts m_unitFacts;
    const Surroundings &m_surroundings;
    QList<QByteArray> m_arguments;
    QList<QByteArray> m_environment;
    AffectedApplication m_application;
};

} // namespace Entracte
