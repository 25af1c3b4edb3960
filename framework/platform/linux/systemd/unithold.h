// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "platform/unix/descriptor.h"

#include <QCoreApplication>
#include <QSet>
#include <QString>

namespace Entracte {

/// Keeps units down while their files are replaced, whatever would start them: a socket, a timer, a
/// path, a message on the bus, a dependency, a person (spec 72).
///
/// A drop-in below \a folder asserts that a descriptor of ours is not open. So it holds as long as
/// this object lives, and a crash releases every unit by itself: the file that remains in /run
/// asserts what is true. The assertion, unlike a condition, is an answer to whoever wants the unit.
class UnitHold
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::UnitHold)

public:
    /// \a folder: of unit files that last until the next boot, "/run/systemd/system".
    explicit UnitHold(const QString &folder);
    ~UnitHold();
    UnitHold(const UnitHold &) = delete;
    UnitHold &operator=(const UnitHold &) = delete;

    /// In effect once the manager has reloaded. Fails without the right to write there.
    Result<> add(const QString &unit);

    /// Also of a hold that a dead process left behind. In effect once the manager has reloaded.
    void remove(const QString &unit);

private:
    QString folderOf(const QString &unit) const;

    QString m_folder;
    Descriptor m_sign; ///< what is asserted not to be open
    QSet<QString> m_units;
};

} // namespace Entracte
