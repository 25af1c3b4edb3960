// SPDX-License-Identifier: MIT
#pragma once

#include "faults/table.h"

// Each plays many cases of one place and prints a table of what came of them.

/// Every kind of call, its numbers and every fault.
void sweep(const Place &place, const Operation &operation);

/// Sweeps of an update, a first installation and a removal in the folder "home" of \a folder.
void playPlain(const std::string &name, const std::string &folder, int every);

/// A recovery that is killed itself, at every call of its own, and then one that is not.
void sweepRecovery(const Place &place);

/// In the middle of an update people save, edit, make and delete files; with and without a death of
/// the installer just then.
void disturb(const Place &place);

/// Somebody puts a link to elsewhere where a folder of the product was. Elsewhere nothing changes.
void mislead(const Place &place);

/// Without any fault: a sentence, and not one byte or mode is different.
void expectRefusal(const Place &place, const std::string &mentioned);

/// Without any fault: all of \a operation, or a sentence and nothing of it.
void expectNewOrRefusal(const Place &place, const Operation &operation,
                        const std::string &mentioned);
