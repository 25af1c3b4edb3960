// SPDX-License-Identifier: MIT
#include "payload/namecollisions.h"

#include <QHash>
#include <QStringList>

namespace Entracte {

namespace {

/// The first entry that mentioned a place, and how it spelt the way there.
struct Mention
{
    QStringView spelling; ///< the beginning of the entry's path
    const PayloadEntry *entry = nullptr;
};

/// Why the file system takes two names for one, as the end of a sentence.
QString ruleThatJoins(const QString &one, const QString &other)
{
    if (NameFolding{true, false}.folded(one) == NameFolding{true, false}.folded(other))
        return NameCollisions::tr("it does not tell capital letters from small ones",
                                  "error message, rule of a file system");
    if (NameFolding{false, true}.folded(one) == NameFolding{false, true}.folded(other))
        return NameCollisions::tr("it does not tell an accented character from a letter and an "
                                  "accent",
                                  "error message, rule of a file system");
    return NameCollisions::tr("it tells neither capital letters from small ones nor an accented "
                              "character from a letter and an accent",
                              "error message, rule of a file system");
}

Error collision(const Mention &first, const Mention &second)
{
    const QString one = first.spelling.toString();
    const QString other = second.spelling.toString();
    const QString rule = ruleThatJoins(one, other);
    if (first.entry->archive == second.entry->archive)
        return {ErrorCode::BadPayload,
                NameCollisions::tr("The payload “%1” is refused because of its entries “%2” and "
                                   "“%3”: to the file system of the target, “%4” and “%5” are one "
                                   "name, for %6.",
                                   "error message; %4, %5: names, %6: rule of a file system")
                    .arg(first.entry->archive, first.entry->path, second.entry->path, one, other,
                         rule)};
    return {ErrorCode::BadPayload,
            NameCollisions::tr("The payloads “%1” and “%2” are refused because of their entries "
                               "“%3” and “%4”: to the file system of the target, “%5” and “%6” "
                               "are one name, for %7.",
                               "error message; %5, %6: names, %7: rule of a file system")
                .arg(first.entry->archive, second.entry->archive, first.entry->path,
                     second.entry->path, one, other, rule)};
}

/// The end of the part of \a path that begins at \a begin.
qsizetype partEnd(QStringView path, qsizetype begin)
{
    const qsizetype slash = path.indexOf(u'/', begin);
    return slash < 0 ? path.size() : slash;
}

} // namespace

Result<> NameCollisions::check(const QList<PayloadEntry> &entries, const NameFolding &folding)
{
    if (folding == NameFolding())
        return {};

    QStringList keys; // keeps alive what the table only looks at
    keys.reserve(entries.size());
    QHash<QStringView, Mention> mentions;
    mentions.reserve(entries.size() + entries.size() / 4);
    for (const PayloadEntry &entry : entries) {
        const QString &path = entry.path;
        keys.append(folding.folded(path));
        const QStringView key = keys.constLast();

        // Folding keeps the slashes: path and key have the same parts.
        qsizetype pathEnd = -1;
        qsizetype keyEnd = -1;
        while (pathEnd < path.size()) {
            pathEnd = partEnd(path, pathEnd + 1);
            keyEnd = partEnd(key, keyEnd + 1);
            const Mention mention{QStringView(path).first(pathEnd), &entry};
            const auto known = mentions.constFind(key.first(keyEnd));
            if (known == mentions.cend())
                mentions.insert(key.first(keyEnd), mention);
            else if (known->spelling != mention.spelling)
                return collision(*known, mention);
        }
    }
    return {};
}

} // namespace Entracte
