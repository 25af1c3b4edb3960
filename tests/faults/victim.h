// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

/// A whole installation without windows, as an engine would do it, in a process that may be killed
/// at any time. Needs a QCoreApplication.
namespace Victim {

/// How far it came; the exit codes of installvictim.
enum class Outcome {
    Done = 0,
    NotStaged = 10,     ///< refused, or failed while staging: nothing was touched
    NotCommitted = 11,  ///< the commit failed and was rolled back
    NotRolledBack = 12, ///< … and was not
    NotClosed = 13,     ///< installed; the old bytes are still there
    NotRecovered = 14,
};

/// Brings \a version of the sample product from \a archive into \a target. \a message becomes the
/// error's sentence.
Outcome install(const QString &archive, int version, const QString &target, QString &message);

/// Removes what is installed in \a target.
Outcome remove(const QString &target, QString &message);

/// Finishes or undoes what a victim left.
Outcome recover(const QString &target, QString &message);

} // namespace Victim
