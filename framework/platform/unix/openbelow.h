// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>

namespace Entracte {

/// Opens the directory \a path below the open \a root, never through a link and never out of it;
/// -1 with errno. "" is \a root, opened anew.
int openBelow(int root, const QByteArray &path);

} // namespace Entracte
