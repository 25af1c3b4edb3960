// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/relaunch/relaunchmarks.h"
#include "restart/affectedapplication.h"

#include <QObject>

namespace Entracte {

/// Starts one closed application again, in the way of its kind.
class Starter : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    /// settled() follows, never before this has returned. Who is \a back already, because somebody
    /// started it and died then, is not started again.
    virtual void start(const RelaunchedPrograms &back) = 0;

    virtual bool isSettled() const = 0;
    /// With Restarted, or with ErrorOnRestart and the reason.
    virtual const AffectedApplication &application() const = 0;

signals:
    void settled();
};

} // namespace Entracte
