// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "restart/affectedapplication.h"

#include <QStringList>

#include <variant>

namespace Entracte {

/// What an installer registers with a session (spec 1.4.4): whoever holds one of these is affected.
struct Resources
{
    QStringList files;              ///< absolute; need not exist
    QList<UniqueProcess> processes; ///< affected themselves, while pid and start time both match
    QStringList services; ///< short names: "foo" is foo.service, of the system or the user

    bool isEmpty() const { return files.isEmpty() && processes.isEmpty() && services.isEmpty(); }

    /// Adds what is not here yet; the order of first registration stays.
    void unite(const Resources &others);
    void subtract(const Resources &others);

    /// All or nothing: RestartCode::BadArguments for a path that is relative, empty or longer than
    /// the system's limit, for pid 0, and for a service name that is empty or holds a slash.
    Result<> validate() const;

    friend bool operator==(const Resources &, const Resources &) = default;
};

/// What to leave undone for one target (spec 2.6, the Windows values).
enum class FilterAction {
    NoRestart = 1,  ///< may be closed, stays closed
    NoShutdown = 2, ///< is never closed, not even by force
};

/// A NoRestart or NoShutdown rule for one application, owned by the primary.
struct RestartFilter
{
    struct Executable
    {
        QString path; ///< absolute path of the program itself, not of a file it holds
        friend bool operator==(const Executable &, const Executable &) = default;
    };
    struct Service
    {
        QString name; ///< short name
        friend bool operator==(const Service &, const Service &) = default;
    };
    using Target = std::variant<Executable, UniqueProcess, Service>;

    Target target;
    FilterAction action = FilterAction::NoRestart;

    bool appliesTo(const AffectedApplication &application) const;

    friend bool operator==(const RestartFilter &, const RestartFilter &) = default;
};

/// Which behaviour a session promises (design section 6).
enum class RestartRules {
    Native,  ///< everything that can be is brought back, registered or captured
    Windows, ///< exactly what is documented for Windows: only registered applications of the same
             ///< user come back, any reboot reason refuses the whole shutdown, no unregistering
};

} // namespace Entracte
