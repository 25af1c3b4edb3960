// SPDX-License-Identifier: MIT
#include "core/inputfile.h"

#include "platform/unix/descriptor.h"

#include <QFile>

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace Entracte {

InputFile::InputFile(int descriptor, qint64 size)
    : m_descriptor(descriptor)
    , m_size(size)
{
}

InputFile::InputFile(InputFile &&other) noexcept
    : m_descriptor(std::exchange(other.m_descriptor, -1))
    , m_size(other.m_size)
{
}

InputFile &InputFile::operator=(InputFile &&other) noexcept
{
    std::swap(m_descriptor, other.m_descriptor);
    std::swap(m_size, other.m_size);
    return *this;
}

InputFile::~InputFile()
{
    if (m_descriptor >= 0)
        close(m_descriptor);
}

std::optional<InputFile> InputFile::open(const QString &fileName)
{
    // Opening must not wait for the other end of a FIFO.
    return from(::open(QFile::encodeName(fileName).constData(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
}

std::optional<InputFile> InputFile::from(int descriptor)
{
    Descriptor file(descriptor);
    struct stat status = {};
    if (!file.isValid() || ::fstat(file.get(), &status) != 0)
        return std::nullopt;
    if (!S_ISREG(status.st_mode)) {
        errno = EISDIR;
        return std::nullopt;
    }
    return InputFile(file.release(), status.st_size);
}

qint64 InputFile::read(qint64 position, char *to, qint64 most) const
{
    qint64 done = 0;
    while (done < most) {
        const ssize_t got = ::pread(m_descriptor, to + done, size_t(most - done), position + done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += got;
    }
    return done;
}

} // namespace Entracte
