// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/detection/processscan.h"
#include "platform/linux/identification/displayclients.h"
#include "platform/linux/identification/processtable.h"

#include <QHash>
#include <QList>
#include <QString>

namespace Entracte {

class CriticalProcesses;

/// The processes of one application, as a person counts applications.
struct ApplicationGroup
{
    QList<FileHolder> holders;
    /// Who holds something, and the one that speaks for all: it comes first, with or without
    /// holding something itself.
    QList<UniqueProcess> processes;
};

/// Sorts processes into applications: by the unit that the desktop or systemd made for the
/// application, else by its sandbox, else by the root of a subtree of processes that run the same
/// program or draw for the same windows, within one user (linux-mechanisms 2).
///
/// A program started from a terminal is never part of the terminal. A program that speaks for
/// itself (registrationOf) is an application of its own. Helpers without a window that a program
/// with a window started, and did not let go, are its part.
class ApplicationGroups
{
public:
    ApplicationGroups(ProcessTable &table, const DisplayClients &display,
                      const CriticalProcesses &critical);

    QList<ApplicationGroup> of(const QList<FileHolder> &holders);

    QList<ClientWindow> windowsOf(const QList<UniqueProcess> &processes) const;

private:
    QString keyOf(const ProcessFacts &process);
    pid_t rootOf(pid_t pid);
    bool belongsTo(const ProcessFacts &child, const ProcessFacts &parent);
    const ProcessFacts *companionOf(const ProcessFacts &orphan);
    bool isHelperOf(const ProcessFacts &child, const ProcessFacts &parent) const;
    bool hasMainWindow(pid_t pid) const;
    void choose(ApplicationGroup &group, const QList<pid_t> &withWindows);

    ProcessTable &m_table;
    const DisplayClients &m_display;
    const CriticalProcesses &m_critical;
};

} // namespace Entracte
