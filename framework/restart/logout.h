// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"

#include <QObject>

#include <functional>
#include <memory>

namespace Entracte {

/// Port: logging out the person at the installer, where that is enough to start anew what uses the
/// old version (spec 9.5, level "session").
///
/// Nothing here ends a session: it asks the desktop's session manager, which asks the person once
/// more and lets every program save first, and any of them may say no. Where there is none that
/// does so, people log out themselves; a session is never ended over the heads of its programs.
///
/// Asynchronous: an answer comes in the thread of \a context, never before the request has
/// returned, and not at all when that is gone by then.
class LogOut
{
public:
    virtual ~LogOut() = default;

    /// Whether there is a session manager that can be asked.
    virtual void look(QObject *context, std::function<void(bool isPossible)> done) = 0;

    /// Asks it, because a person said so. \a done when it has taken the request; with some that is
    /// when the person has answered. That somebody then stays logged in is not said.
    virtual void request(QObject *context, std::function<void(const Result<> &)> done) = 0;
};

/// The running session's.
std::unique_ptr<LogOut> createLogOut();

} // namespace Entracte
