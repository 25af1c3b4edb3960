// SPDX-License-Identifier: MIT
#include "platform/linux/holdersearch.h"

#include "platform/linux/identification/identification.h"

#include <QtConcurrentRun>

namespace Entracte {

HolderSearch::HolderSearch(UserAgents &agents, Clock &clock, const UniqueProcess &installer)
    : m_agents(agents)
    , m_clock(clock)
    , m_installer(installer)
{
    connect(&m_scan, &QFutureWatcherBase::finished, this, &HolderSearch::scanned);
    connect(&m_identification, &QFutureWatcherBase::finished, this, &HolderSearch::identified);
    connect(&m_isOutdated, &QFutureWatcherBase::finished, this, &HolderSearch::refreshed);
}

HolderSearch::~HolderSearch()
{
    m_cancelled = true;
    m_scan.waitForFinished();
    m_identification.waitForFinished();
    m_isOutdated.waitForFinished();
}

void HolderSearch::add(const Resources &resources)
{
    m_isListed = false;
    if (!resources.files.isEmpty())
        changedFiles().add(resources.files);
    m_targets.processes += QSet(resources.processes.cbegin(), resources.processes.cend());
    m_targets.services += QSet(resources.services.cbegin(), resources.services.cend());
}

void HolderSearch::remove(const Resources &resources)
{
    m_isListed = false;
    if (!resources.files.isEmpty())
        changedFiles().remove(resources.files);
    m_targets.processes -= QSet(resources.processes.cbegin(), resources.processes.cend());
    m_targets.services -= QSet(resources.services.cbegin(), resources.services.cend());
}

/// A table of our own: a scan may have the old one.
FileTable &HolderSearch::changedFiles()
{
    auto files = std::make_shared<FileTable>(*m_targets.files);
    m_targets.files = files;
    return *files;
}

void HolderSearch::list()
{
    m_isListed = false;
    m_cancelled = false;
    m_scan.setFuture(QtConcurrent::run([targets = m_targets, this] {
        Findings findings{scanProcesses(targets, m_cancelled), {}};
        QList<UniqueProcess> processes;
        for (const FileHolder &holder : std::as_const(findings.scan.holders))
            processes.append(holder.process);
        findings.programs = UserAgents::distinctPrograms(processes);
        return findings;
    }));
}

void HolderSearch::refresh()
{
    if (!m_isListed)
        return list();
    m_cancelled = false;
    m_isOutdated.setFuture(
        QtConcurrent::run([targets = m_targets, scan = m_scan.result().scan, this] {
            return hasAnybodyGone(targets, scan, m_cancelled);
        }));
}

void HolderSearch::cancel()
{
    m_cancelled = true;
    if (m_lookAround)
        m_lookAround->giveUp();
}

void HolderSearch::scanned()
{
    m_lookAround = std::make_unique<LookAround>(m_agents, m_scan.result().programs, m_clock);
    connect(m_lookAround.get(), &LookAround::finished, this, &HolderSearch::lookedAround);
    if (m_cancelled)
        m_lookAround->giveUp();
}

void HolderSearch::lookedAround()
{
    if (m_cancelled)
        return emit found(std::nullopt);
    m_identification.setFuture(QtConcurrent::run(
        [scan = m_scan.result().scan, installer = m_installer, facts = m_lookAround->facts()] {
            return Identification::identify(scan, installer, facts);
        }));
}

void HolderSearch::identified()
{
    if (m_cancelled)
        return emit found(std::nullopt);
    m_isListed = true;
    emit found(m_identification.result());
}

void HolderSearch::refreshed()
{
    if (m_isOutdated.result() && !m_cancelled)
        return list();
    identified();
}

} // namespace Entracte

#include "moc_holdersearch.cpp"
