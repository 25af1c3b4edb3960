// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

#include <optional>

namespace Entracte {

/// A regular file that is read by position, by several threads at once. Implemented in platform/.
/// Failures leave the system's answer in errno: only the caller knows what it was doing.
class InputFile
{
public:
    InputFile(InputFile &&other) noexcept;
    InputFile &operator=(InputFile &&other) noexcept;
    ~InputFile();

    /// nullopt on failure; EISDIR stands for everything that is not a regular file.
    static std::optional<InputFile> open(const QString &fileName);

    /// The same for what is open already; closes it.
    static std::optional<InputFile> from(int descriptor);

    qint64 size() const { return m_size; } ///< bytes, when it was opened

    /// Bytes read: less than \a most only at the end; -1 on failure.
    qint64 read(qint64 position, char *to, qint64 most) const;

private:
    InputFile(int descriptor, qint64 size);

    int m_descriptor;
    qint64 m_size;
};

} // namespace Entracte
