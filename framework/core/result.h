// SPDX-License-Identifier: MIT
#pragma once

#include "core/error.h"

#include <utility>
#include <variant>

namespace Entracte {

/// A value, or the Error that prevented it. Everything that can fail outside the program returns
/// one.
///
///     const Result<Manifest> manifest = reader.read(path);
///     if (!manifest)
///         return manifest.error();
///
/// (`std::expected` needs C++23, which clang 14 does not have.)
template <typename T = std::monostate>
class [[nodiscard]] Result
{
public:
    Result() requires std::is_same_v<T, std::monostate>
    = default;
    Result(T value)
        : m_state(std::in_place_index<0>, std::move(value))
    {
    }
    Result(Error error)
        : m_state(std::in_place_index<1>, std::move(error))
    {
    }

    explicit operator bool() const { return m_state.index() == 0; }

    const T &value() const & { return std::get<0>(m_state); }
    T &value() & { return std::get<0>(m_state); }
    T &&value() && { return std::get<0>(std::move(m_state)); }
    const T &operator*() const & { return value(); }
    T &operator*() & { return value(); }
    T &&operator*() && { return std::move(*this).value(); }
    const T *operator->() const { return &value(); }
    T *operator->() { return &value(); }

    const Error &error() const { return std::get<1>(m_state); }

private:
    std::variant<T, Error> m_state;
};

} // namespace Entracte
