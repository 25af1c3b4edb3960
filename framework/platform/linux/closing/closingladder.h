// SPDX-License-Identifier: MIT
#pragma once

#include "restart/affectedapplication.h"

namespace Entracte {

/// The polite ways to ask an application to close.
enum class ClosingWay {
    Handshake, ///< Entracte::Client: it is told to close
    Windows,   ///< each main window, as its own button would (windowrequest.h)
    Bus,       ///< over the session bus (busquit.h)
    Interrupt, ///< SIGINT, if it is caught
    Terminate, ///< SIGTERM, if it is caught and no window is left that could refuse
    HangUp,    ///< SIGHUP, to a shell in which nothing runs (shellhangup.h)
};

/// The ways for one \a application, in the order in which they are tried, each once
/// (linux-mechanisms 3.2); \a speaksHandshake: it was queried and still listens. The type decides:
///
///     speaks the handshake   Handshake
///     shell in a terminal    HangUp
///     program in a terminal  Interrupt, Terminate
///     service                Terminate (never SIGHUP: it would only read its settings again)
///     anything else          Windows, Bus, Terminate
///
/// For root at a program of a user who has no agent only signals are left, and none where windows
/// may be that nobody can look at.
QList<ClosingWay> waysToClose(const AffectedApplication &application, bool speaksHandshake);

} // namespace Entracte
