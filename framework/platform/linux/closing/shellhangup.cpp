// SPDX-License-Identifier: MIT
#include "platform/linux/closing/shellhangup.h"

#include "platform/linux/closing/signalrequest.h"

#include <QSocketNotifier>

#include <csignal>

namespace Entracte {

ShellHangUp::ShellHangUp(const UniqueProcess &shell, QObject *parent)
    : QObject(parent)
    , m_pid(pid_t(shell.pid))
    , m_shell(openProcess(shell))
{
}

ShellHangUp::~ShellHangUp() = default;

void ShellHangUp::ask()
{
    m_jobs.clear();
    for (const UniqueProcess &child : childrenOf(m_pid)) {
        Descriptor descriptor = openProcess(child);
        if (!descriptor.isValid() || hasEnded(descriptor))
            continue;
        auto notifier = std::make_unique<QSocketNotifier>(descriptor.get(), QSocketNotifier::Read);
        connect(notifier.get(), &QSocketNotifier::activated, this, &ShellHangUp::jobEnded,
                Qt::QueuedConnection);
        m_jobs.push_back({std::move(descriptor), std::move(notifier)});
    }
    if (m_jobs.empty())
        sendSignal(m_shell, SIGHUP);
}

// A new one may have been started meanwhile.
void ShellHangUp::jobEnded()
{
    std::erase_if(m_jobs, [](const Job &job) { return hasEnded(job.descriptor); });
    if (m_jobs.empty())
        ask();
}

} // namespace Entracte

#include "moc_shellhangup.cpp"
