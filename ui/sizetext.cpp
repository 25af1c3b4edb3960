// SPDX-License-Identifier: MIT
#include "ui/sizetext.h"

#include <QLocale>

namespace Entracte {

QString sizeText(qint64 bytes, int decimals)
{
    return QLocale().formattedDataSize(bytes, decimals).replace(u' ', QChar::Nbsp);
}

} // namespace Entracte
