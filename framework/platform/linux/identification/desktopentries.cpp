// SPDX-License-Identifier: MIT
#include "platform/linux/identification/desktopentries.h"

#include "platform/linux/process.h"

#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QHash>
#include <QLocale>
#include <QStandardPaths>

using namespace Qt::StringLiterals;

namespace Entracte {

using Keys = QHash<QByteArray, QByteArray>;

/// The keys of the [Desktop Entry] group.
static Keys readEntry(const QString &fileName)
{
    constexpr qint64 longest = 256 * 1024;
    Keys keys;
    QFile file(fileName);
    if (!file.open(QIODevice::ReadOnly) || file.size() > longest)
        return keys;
    bool inGroup = false;
    while (!file.atEnd()) {
        const QByteArray line = file.readLine().trimmed();
        if (line.startsWith('['))
            inGroup = line == "[Desktop Entry]";
        else if (const qsizetype equals = line.indexOf('='); inGroup && equals > 0)
            keys.insert(line.left(equals).trimmed(), line.mid(equals + 1).trimmed());
    }
    return keys;
}

static QString programOf(const Keys &keys)
{
    const QString word = QString::fromUtf8(keys.value("Exec")).section(u' ', 0, 0).remove(u'"');
    const QString path = word.startsWith(u'/') ? word : QStandardPaths::findExecutable(word);
    return QFileInfo(path).canonicalFilePath();
}

static QString localizedName(const Keys &keys)
{
    const QByteArray locale = QLocale().name().toUtf8();
    for (const QByteArray &language : {locale, locale.split('_').first()})
        if (const QByteArray name = keys.value("Name[" + language + ']'); !name.isEmpty())
            return plainText(QString::fromUtf8(name));
    return plainText(QString::fromUtf8(keys.value("Name")));
}

std::optional<DesktopEntry> desktopEntryFor(const QString &executable)
{
    const QStringList folders =
        QStandardPaths::standardLocations(QStandardPaths::ApplicationsLocation);
    for (const QString &folder : folders) {
        QDirIterator files(folder, {u"*.desktop"_s}, QDir::Files, QDirIterator::Subdirectories);
        while (files.hasNext()) {
            const Keys keys = readEntry(files.next());
            if (keys.value("NoDisplay") == "true" || programOf(keys) != executable)
                continue;
            return DesktopEntry{localizedName(keys), QString::fromUtf8(keys.value("Icon"))};
        }
    }
    return std::nullopt;
}

} // namespace Entracte
