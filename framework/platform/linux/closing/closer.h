// SPDX-License-Identifier: MIT
#pragma once

#include "restart/affectedapplication.h"

#include <QObject>

#include <chrono>

namespace Entracte {

/// Closes one application, in the way of its kind. How each does so is its own; what it shows of
/// the application meanwhile is here.
class Closer : public QObject
{
    Q_OBJECT

public:
    explicit Closer(const AffectedApplication &application);

    /// Asks. changed() follows, at the end with isSettled().
    virtual void start() = 0;

    /// For whoever is about to stop watching: notices an end that no event has told yet, and takes
    /// back what can be.
    virtual void lookNow() = 0;

    /// From asking on, how long it waits in all while nothing happens.
    virtual std::chrono::milliseconds patience() const = 0;

    /// Closed, or clear that it will not close.
    bool isSettled() const { return m_isSettled; }
    const AffectedApplication &application() const { return m_application; }

signals:
    void changed();

protected:
    void become(ClosingState state, const QString &reason = {});

    // What settles it.
    void closed(ApplicationStatus how = ApplicationStatus::Stopped);
    void staysOpen(ClosingState state, const QString &reason);
    void settle(ClosingState state, const QString &reason);

    /// Not even force ended it.
    void forbidForce() { m_application.canBeForced = false; }

private:
    AffectedApplication m_application;
    QString m_standingReason; ///< why it will not come back, which closing does not change
    bool m_isSettled = false;
};

} // namespace Entracte
