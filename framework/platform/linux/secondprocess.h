// SPDX-License-Identifier: MIT
#pragma once

#include "platform/unix/descriptor.h"

#include <QByteArray>
#include <QList>

#include <functional>

namespace Entracte::SecondProcess {

/// Where a second process finds its end of the conversation.
constexpr int socketDescriptor = 3;

/// Starts this executable again, from \a executable (privatecopy.h), with \a arguments and
/// \a environment: in a session of its own, in "/", nobody's child, holding nothing of ours but
/// /dev/null and one end of a socket of \a socketType. \a prepare runs in the child before, and
/// may use only what is safe after fork() in a process with threads; false ends the child.
///
/// Our end of the conversation, which is the only proof of life: it says something when it is
/// there, or the socket is closed. Invalid, with errno, if no process could be made. Returns
/// without waiting for the new process.
Descriptor start(const Descriptor &executable, int socketType, QList<QByteArray> arguments,
                 char *const *environment, const std::function<bool()> &prepare);

} // namespace Entracte::SecondProcess
