// SPDX-License-Identifier: MIT
#include "restart/affectedapplication.h"

#include <QLocale>

namespace Entracte {

QString namesOf(const QList<AffectedApplication> &applications)
{
    QStringList names;
    for (const AffectedApplication &application : applications)
        names.append(application.name);
    return QLocale().createSeparatedList(names);
}

} // namespace Entracte

#include "moc_affectedapplication.cpp"
