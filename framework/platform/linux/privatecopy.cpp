// SPDX-License-Identifier: MIT
#include "platform/linux/privatecopy.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

namespace Entracte {

Descriptor copyOfOurselves(const char *name)
{
    const Descriptor original = ourExecutable();
    Descriptor copy(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
    struct stat status;
    if (!original.isValid() || !copy.isValid() || ::fstat(original.get(), &status) != 0)
        return Descriptor();
    for (off_t done = 0; done < status.st_size;) {
        if (::sendfile(copy.get(), original.get(), &done, size_t(status.st_size - done)) <= 0)
            return Descriptor();
    }
    // A user whose process runs from it can open it; it must stay what it is.
    constexpr int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    return ::fcntl(copy.get(), F_ADD_SEALS, seals) == 0 ? std::move(copy) : Descriptor();
}

Descriptor ourExecutable()
{
    return Descriptor(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
}

} // namespace Entracte
