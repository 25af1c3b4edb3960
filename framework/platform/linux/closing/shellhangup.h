// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/process.h"

#include <QObject>

#include <memory>
#include <vector>

class QSocketNotifier;

namespace Entracte {

/// Asks an interactive shell to end, once nothing runs in it any more: it passes SIGHUP on to its
/// jobs, and they were not asked.
class ShellHangUp : public QObject
{
    Q_OBJECT

public:
    explicit ShellHangUp(const UniqueProcess &shell, QObject *parent = nullptr);
    ~ShellHangUp() override;

    /// Sends SIGHUP now, or when the last job has ended.
    void ask();

    bool isWaitingForJobs() const { return !m_jobs.empty(); }

private:
    struct Job
    {
        Descriptor descriptor;
        std::unique_ptr<QSocketNotifier> notifier;
    };

    void jobEnded();

    pid_t m_pid;
    Descriptor m_shell;
    std::vector<Job> m_jobs;
};

} // namespace Entracte
