// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"

#include <QObject>

namespace Entracte {

/// One long operation that a person may watch. It starts once, reports progress sparingly, finishes
/// exactly once, and may be cancelled at any time between. Lives in the thread of its owner; work
/// that blocks happens in a worker thread of the subclass, never here.
class Job : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    /// Begins the work. Returns at once; finished() follows, never before start() has returned.
    void start();

    /// Asks the work to stop. finished() follows with ErrorCode::Cancelled, or with the ordinary
    /// outcome if the work was already past the point of return. Harmless before and after.
    void cancel();

    bool isRunning() const { return m_state == State::Running; }

signals:
    /// \a total is constant for one run; \a done never falls.
    void progressChanged(qint64 done, qint64 total);
    void finished(const Entracte::Result<> &result);

protected:
    virtual void doStart() = 0;
    virtual void doCancel() = 0;

    /// Ends the job. Subclasses call it exactly once, from the job's own thread; it may be called
    /// from within doStart().
    void finish(const Result<> &result);

private:
    enum class State { New, Running, Finished };
    State m_state = State::New;
};

} // namespace Entracte
