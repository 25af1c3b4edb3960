// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "manifest/manifest.h"

#include <QCoreApplication>

namespace Entracte {

/// Turns manifest.json into a Manifest, strictly: an unknown or repeated key, a wrong type, a
/// missing key, an impossible value or a file that is not there is an error. Nothing is guessed.
///
/// Each error is one sentence that starts "FILE:LINE: " and names the key in words a JSON author
/// knows ("components[1].payload"). `read` returns the first, `lint` all of them in file order.
///
/// Variables in "targetDirectory": @HomeDir@, @ApplicationsDir@ (~/.local/opt; /opt for root).
class ManifestReader
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::ManifestReader)

public:
    static Result<Manifest> read(const QString &fileName);
    static QList<Error> lint(const QString &fileName);
};

} // namespace Entracte
