// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QList>
#include <QString>

#include <sys/types.h>

namespace Entracte {

/// The path of the first argument of \a pid that names an existing file, seen from its own folder
/// and root; empty if there is none. For programs that are started with documents. The path is as
/// the program sees it.
QString documentOf(pid_t pid, const QList<QByteArray> &arguments);

} // namespace Entracte
