// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

#include <cstddef>
#include <cstdint>

#include <sys/mman.h>
#include <unistd.h>

/// A file that exists only in memory, for readers that want a name: one for all inputs of a fuzzer,
/// so that no input costs more than a write. Its name does not change between runs.
class MemoryFile
{
public:
    explicit MemoryFile(int descriptor = 100)
        : m_descriptor(descriptor)
    {
        const int memory = memfd_create("input", 0);
        if (memory < 0 || dup2(memory, m_descriptor) != m_descriptor || close(memory) != 0)
            __builtin_trap();
    }
    ~MemoryFile() { close(m_descriptor); }
    MemoryFile(const MemoryFile &) = delete;
    MemoryFile &operator=(const MemoryFile &) = delete;

    QString name() const { return QStringLiteral("/proc/self/fd/%1").arg(m_descriptor); }

    /// Makes \a data the whole content.
    void fill(const uint8_t *data, size_t size)
    {
        if (pwrite(m_descriptor, data, size, 0) != ssize_t(size)
            || ftruncate(m_descriptor, off_t(size)) != 0)
            __builtin_trap();
    }

private:
    int m_descriptor;
};
