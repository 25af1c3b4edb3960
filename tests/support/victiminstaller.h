// SPDX-License-Identifier: MIT
#pragma once

#include "guardian/guardian.h"
#include "manifest/manifest.h"

#include <QStringList>

/// The manifest of \a version of a product that \a archive holds, to be installed in \a target.
Entracte::Manifest victimManifest(const QString &archive, const QString &target,
                                  const QString &version);

/// An installer with everything real and nobody to ask: closes who is in the way, swaps, brings
/// back. Dies where it is told. \a arguments:
///
///     ARCHIVE TARGET VERSION [kill=STATE:N] [stop=STATE:N] [cancel=STATE:N] [alarm=MICROSECONDS]
///     [no-relaunch] [in-use=POLICY]
///
/// kill: by SIGKILL when the list of applications has changed for the Nth time in STATE; 0 is the
/// entry into it. stop: by then it stands still. cancel: a person says cancel. alarm: when so much
/// time has passed since ShuttingDown began, by a signal that ends the process as abruptly. Prints
/// how long it took from there to the end, in microseconds; returns the exit status.
int runVictimInstaller(const QStringList &arguments,
                       const Entracte::Guardian::Starter &startGuardian);
