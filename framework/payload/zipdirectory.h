// SPDX-License-Identifier: MIT
#pragma once

#include "core/inputfile.h"

#include <QString>

#include <memory>
#include <optional>

namespace Entracte {

/// What the central directory of an archive says of one entry. Nothing of it is judged yet.
struct CentralHeader
{
    QString name;
    qsizetype nameSize = 0; ///< bytes
    quint64 size = 0;       ///< bytes when unpacked
    quint64 compressedSize = 0;
    qint64 offset = 0; ///< of the local header, from the beginning of the file
    quint32 crc32 = 0;
    quint32 attributes = 0; ///< "external file attributes"
    quint16 madeBy = 0;     ///< the host in the upper half
    quint16 flags = 0;
    quint16 method = 0; ///< of compression
};

/// The central directory of a ZIP archive: QuaZip reads it, once, from its first entry to its last.
/// PayloadArchive judges what it says.
class ZipDirectory
{
public:
    /// \a file outlives it.
    explicit ZipDirectory(const InputFile &file);
    ~ZipDirectory();

    /// To be called first. False if this is no archive, or a damaged one.
    bool open();

    qint64 begin() const; ///< where it begins in the file

    /// How many entries the archive says it has; not to be believed before isWhole().
    quint64 promisedCount() const;

    /// The next entry; nullopt after the last one, and at one that is damaged.
    std::optional<CentralHeader> next();

    /// Whether next() came to the end, and the archive agrees that it is the end.
    bool isWhole() const;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace Entracte
