// SPDX-License-Identifier: MIT
#include "platform/linux/closing/closingmembers.h"

#include "platform/linux/closing/signalrequest.h"

#include <QSocketNotifier>

namespace Entracte {

ClosingMembers::ClosingMembers() = default;
ClosingMembers::~ClosingMembers() = default;

void ClosingMembers::watch(const QList<UniqueProcess> &processes)
{
    for (const UniqueProcess &process : processes) {
        Descriptor descriptor = openProcess(process);
        if (!descriptor.isValid() || hasEnded(descriptor))
            continue;
        auto notifier = std::make_unique<QSocketNotifier>(descriptor.get(), QSocketNotifier::Read);
        connect(notifier.get(), &QSocketNotifier::activated, this, &ClosingMembers::lookNow);
        m_members.push_back({process, std::move(descriptor), std::move(notifier)});
    }
}

void ClosingMembers::lookNow()
{
    const auto ended =
        std::erase_if(m_members, [](const Member &member) { return hasEnded(member.descriptor); });
    if (ended > 0 && m_members.empty())
        emit allEnded();
}

QSet<pid_t> ClosingMembers::pids() const
{
    QSet<pid_t> pids;
    for (const Member &member : m_members)
        pids.insert(pid_t(member.process.pid));
    return pids;
}

bool ClosingMembers::signalRepresentative(int signal) const
{
    return sendSignal(m_members.front().descriptor, signal);
}

void ClosingMembers::signalAll(int signal) const
{
    for (const Member &member : m_members)
        sendSignal(member.descriptor, signal);
}

} // namespace Entracte

#include "moc_closingmembers.cpp"
