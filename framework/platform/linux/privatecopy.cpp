// SPDX-License-Identifier: MIT
#include "platform/linux/privatecopy.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

namespace Entracte {

Descriptor copyOfOurselves(const char *name)
{
    Descriptor copy(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!copyExecutable(copy))
        return Descriptor();
    // A user whose process runs from it can open it; it must stay what it is.
    constexpr int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    return ::fcntl(copy.get(), F_ADD_SEALS, seals) == 0 ? std::move(copy) : Descriptor();
}

bool copyExecutable(const Descriptor &into)
{
    const Descriptor original = ourExecutable();
    struct stat status;
    if (!original.isValid() || !into.isValid() || ::fstat(original.get(), &status) != 0)
        return false;
    for (off_t done = 0; done < status.st_size;) {
        if (::sendfile(into.get(), original.get(), &done, size_t(status.st_size - done)) <= 0)
            return false;
    }
    return true;
}

Descriptor ourExecutable()
{
    return Descriptor(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
}

} // namespace Entracte
