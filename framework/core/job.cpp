// SPDX-License-Identifier: MIT
#include "core/job.h"

#include <QMetaObject>

namespace Entracte {

void Job::start()
{
    Q_ASSERT(m_state == State::New);
    m_state = State::Running;
    doStart();
}

void Job::cancel()
{
    if (isRunning())
        doCancel();
}

void Job::finish(const Result<> &result)
{
    Q_ASSERT(m_state == State::Running);
    m_state = State::Finished;

    // Queued, so that a caller who connects right after start() misses nothing.
    QMetaObject::invokeMethod(
        this, [this, result] { emit finished(result); }, Qt::QueuedConnection);
}

} // namespace Entracte

#include "moc_job.cpp"
