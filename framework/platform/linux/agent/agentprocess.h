// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/agent/useridentity.h"
#include "platform/unix/descriptor.h"

#include <QByteArray>
#include <QList>

namespace Entracte {

/// The process of an agent: this executable again, as another user. It has dropped every right of
/// ours for good before it executes anything (groups, then group, then user; then it tries to
/// regain them and ends if that succeeds), holds nothing of ours open but one end of a socket, and
/// ends when the other end is closed. Its sentences are for the person in front of us, so they are
/// in our language, not in that of its user.
namespace AgentProcess {

/// Called first in main(), before there is a thread. In a process that was started to be an agent
/// it does that work and never returns.
void takeUp(int argc, char **argv);

/// Whether this executable can be its own agent: it has called takeUp().
bool isPossible();

/// Starts one from \a executable; our end of the conversation (SecondProcess::start).
Descriptor start(const Descriptor &executable, const UserIdentity &identity,
                 const QList<QByteArray> &environment);

} // namespace AgentProcess

} // namespace Entracte
