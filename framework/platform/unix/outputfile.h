// SPDX-License-Identifier: MIT
#pragma once

#include "platform/unix/descriptor.h"
#include "transaction/directory.h"

namespace Entracte {

struct OutputFile::Private
{
    /// For sentences.
    QString path() const { return directory + u'/' + name; }

    Descriptor file;
    QString directory;
    QString name; ///< below it
};

} // namespace Entracte
