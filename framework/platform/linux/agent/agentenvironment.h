// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QList>

#include <sys/types.h>

namespace Entracte {

/// The whole environment of the agent of user \a uid: who that is, from the system's list of users;
/// our language, because its sentences are shown by us; where its buses, its display and its
/// settings are. Only the last of these come from \a program, the environment of a program of that
/// user: by name from a list, and not with a value that no display, bus or folder can have. What
/// remains is hostile, and read by a process that has that user's rights and no others.
QList<QByteArray> agentEnvironment(uid_t uid, const QList<QByteArray> &program);

} // namespace Entracte
