// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

namespace Entracte {

/// An amount of data for people, in the default locale: "3.03 MiB". A line never breaks between
/// number and unit.
QString sizeText(qint64 bytes, int decimals = 2);

} // namespace Entracte
