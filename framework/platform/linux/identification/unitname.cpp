// SPDX-License-Identifier: MIT
#include "platform/linux/identification/unitname.h"

#include "platform/linux/process.h"

#include <QList>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

constexpr qsizetype longestName = 255; // of a unit, as systemd has it

bool isUnit(const QByteArray &name)
{
    return name.size() <= longestName && (name.endsWith(".service") || name.endsWith(".scope"));
}

QByteArray withoutSuffix(const QByteArray &name)
{
    return name.left(name.lastIndexOf('.'));
}

/// \xHH is a byte that a unit's name may not hold as it is.
QString unescaped(const QByteArray &text)
{
    QByteArray plain;
    for (qsizetype i = 0; i < text.size(); ++i) {
        bool isHex = false;
        const int byte = text.mid(i + 2, 2).toInt(&isHex, 16);
        if (text.mid(i, 2) == "\\x" && isHex && i + 3 < text.size()) {
            plain.append(char(byte));
            i += 3;
        } else {
            plain.append(text.at(i));
        }
    }
    return plainText(QString::fromUtf8(plain));
}

/// app[-launcher]-ID-RANDOM.scope and app[-launcher]-ID[@RANDOM].service. Dashes inside the parts
/// are escaped, so it is cut first.
QString desktopApplication(const QByteArray &unit)
{
    const bool isScope = unit.endsWith(".scope");
    QList<QByteArray> parts = isScope ? withoutSuffix(unit).split('-')
                                      : withoutSuffix(unit).split('@').first().split('-');
    if (isScope && parts.size() > 2)
        parts.removeLast();
    return parts.size() > 1 ? unescaped(parts.last()) : QString();
}

/// snap.NAME.APP-UUID.scope → NAME_APP, as the desktop entries of snaps are called.
QString snapApplication(const QByteArray &unit)
{
    constexpr qsizetype uuidWithDash = 37;
    QByteArray stem = withoutSuffix(unit);
    const bool hasUuid = stem.size() > uuidWithDash && stem.at(stem.size() - uuidWithDash) == '-'
                      && stem.last(uuidWithDash).count('-') == 5;
    if (hasUuid)
        stem.chop(uuidWithDash);
    else if (unit.endsWith(".scope"))
        stem = stem.left(stem.lastIndexOf('-'));
    const QList<QByteArray> parts = stem.split('.');
    return parts.size() == 3 ? unescaped(parts.at(1) + '_' + parts.at(2)) : QString();
}

int sessionNumber(const QByteArray &unit)
{
    bool isNumber = false;
    const int number = withoutSuffix(unit).mid(8).toInt(&isNumber);
    return isNumber ? number : -1;
}

void describe(Unit &unit, const QByteArray &name)
{
    const bool isScope = name.endsWith(".scope");
    unit.name = QString::fromUtf8(name);
    unit.kind = isScope ? Unit::Kind::OtherScope : Unit::Kind::Service;
    if (name.startsWith("app-") || (isScope && name.startsWith("flatpak-"))) {
        unit.kind = Unit::Kind::Application;
        unit.applicationId = desktopApplication(name);
    } else if (name.startsWith("dbus-:")) {
        unit.kind = Unit::Kind::Activated;
        unit.applicationId = desktopApplication(name);
    } else if (name.startsWith("snap.") && isScope) {
        unit.kind = Unit::Kind::Application;
        unit.applicationId = snapApplication(name);
    } else if (isScope && name.startsWith("session-")) {
        unit.kind = Unit::Kind::LogonSession;
    } else if (isScope && (name.startsWith("vte-spawn-") || name.startsWith("tmux-spawn-"))) {
        unit.kind = Unit::Kind::Terminal;
    } else if (name == "init.scope" && unit.isUserUnit) {
        unit.kind = Unit::Kind::UserManager;
    }
}

} // namespace

Unit unitIn(const QByteArray &controlGroup)
{
    Unit unit;
    QByteArray found;
    for (const QByteArray &name : controlGroup.split('/')) {
        if (name.startsWith("session-") && name.endsWith(".scope"))
            unit.logonSession = sessionNumber(name);
        if (unit.isUserUnit && name == "session.slice")
            unit.isInSessionSlice = true;
        if (!unit.isUserUnit && name.startsWith("user@") && name.endsWith(".service")) {
            unit.isUserUnit = true; // what follows is that manager's
            found = name;
            unit.kind = Unit::Kind::UserManager;
            continue;
        }
        // The outermost one counts: what lies below it is its own affair.
        if (isUnit(name) && (found.isEmpty() || found.startsWith("user@"))) {
            found = name;
            describe(unit, name);
        }
    }
    if (unit.kind == Unit::Kind::UserManager)
        unit.name = QString::fromUtf8(found);
    return unit;
}

} // namespace Entracte
