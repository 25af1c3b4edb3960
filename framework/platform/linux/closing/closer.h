// SPDX-License-Identifier: MIT
#pragma once

#include "restart/affectedapplication.h"

#include <QObject>

#include <chrono>

namespace Entracte {

/// Closes one application, in the way of its kind.
class Closer : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    /// Asks. changed() follows, at the end with isSettled().
    virtual void start() = 0;

    /// For whoever is about to stop watching: notices an end that no event has told yet, and takes
    /// back what can be.
    virtual void lookNow() = 0;

    /// Closed, or clear that it will not close.
    virtual bool isSettled() const = 0;
    virtual const AffectedApplication &application() const = 0;

    /// From asking on, how long it waits in all while nothing happens.
    virtual std::chrono::milliseconds patience() const = 0;

signals:
    void changed();
};

} // namespace Entracte
