// SPDX-License-Identifier: MIT
#pragma once

#include "platform/unix/descriptor.h"
#include "transaction/directory.h"

#include <QHash>

namespace Entracte {

struct TreeWatch::Private
{
    /// Begins to watch the open \a folder, which is \a path in the tree.
    void add(int folder, const QString &path);
    void readEvents(Changes &changes);

    Descriptor notify;
    bool isComplete = true;
    QHash<int, QString> folders; ///< by the number of the watch
};

} // namespace Entracte
