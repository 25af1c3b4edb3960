// SPDX-License-Identifier: MIT
#pragma once

#include "core/inputfile.h"
#include "core/result.h"
#include "transaction/directory.h"
#include "transaction/journal.h"

#include <optional>

namespace Entracte {

/// Reads what a Journal wrote, and a receipt, which is one that was committed. A long one is read
/// by several threads, each in its piece.
class JournalReader
{
public:
    /// Reads the file \a path in \a directory; nullopt if there is none, or if not even its header
    /// is whole, which means that nothing had begun. An error if it is of another major version.
    static Result<std::optional<Journal::Record>> read(const Directory &directory,
                                                       const QString &path);

    /// The same for an open file, or its text. \a shown is the file's name for sentences.
    static Result<std::optional<Journal::Record>> read(const InputFile &file, const QString &shown);
    static Result<std::optional<Journal::Record>> parse(QByteArrayView text, const QString &shown);
};

} // namespace Entracte
