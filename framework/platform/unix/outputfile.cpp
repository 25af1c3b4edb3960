// SPDX-License-Identifier: MIT
#include "platform/unix/outputfile.h"

#include "platform/unix/filecopy.h"
#include "platform/unix/filestatus.h"

#include <cerrno>
#include <unistd.h>

namespace Entracte {

OutputFile::OutputFile(std::unique_ptr<Private> made)
    : d(std::move(made))
{
}
OutputFile::OutputFile(OutputFile &&) noexcept = default;
OutputFile &OutputFile::operator=(OutputFile &&) noexcept = default;
OutputFile::~OutputFile() = default;

Result<> OutputFile::write(QByteArrayView bytes)
{
    const int error = writeAll(d->file.get(), bytes.data(), size_t(bytes.size()));
    if (error == 0)
        return {};
    return Error::fromErrno(error,
                            Directory::tr("Could not write “%1”: %2.", "error message; %2: system")
                                .arg(d->path(), systemReply(error)));
}

Result<> OutputFile::sync()
{
    if (::fsync(d->file.get()) == 0)
        return {};
    const int error = errno;
    return Error::fromErrno(error,
                            Directory::tr("Could not make sure that “%1” is on the disk: %2.",
                                          "error message; %2: system")
                                .arg(d->path(), systemReply(error)));
}

FileStamp OutputFile::stamp() const
{
    // Asked for every file that is installed, and cheaper than statx().
    struct stat status;
    return ::fstat(d->file.get(), &status) == 0 ? stampOf(status) : FileStamp();
}

} // namespace Entracte
