// SPDX-License-Identifier: MIT
#include "payload/entrypath.h"

#include "transaction/receiptfile.h"

#include <QStringList>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

constexpr int longestComponent = 255; // NAME_MAX, in bytes
constexpr int longestPath = 3000;     // PATH_MAX less what the target and our own names need

bool isControl(QChar character)
{
    return character.unicode() < 0x7f ? character.unicode() < 0x20
                                      : character.category() == QChar::Other_Control;
}

/// Whether \a text has more than \a most bytes; converts it only if that is not plain to see.
bool isLonger(QStringView text, int most)
{
    return text.size() * 3 > most && text.toUtf8().size() > most;
}

bool startsWithDriveLetter(const QString &name)
{
    return name.size() >= 2 && name[1] == u':' && name[0].unicode() < 128 && name[0].isLetter();
}

} // namespace

Result<QString> EntryPath::fromEntryName(const QString &entryName)
{
    const auto refusal = [&entryName](const QString &rule) {
        // Control characters are not shown back: they could forge what the sentence says.
        QString shown = entryName.left(200);
        std::replace_if(shown.begin(), shown.end(), isControl, u'?');
        return Error{ErrorCode::BadPayload, tr("The name “%1” is refused: %2.",
                                               "error message; %1: archive entry, %2: rule")
                                                .arg(shown, rule)};
    };

    if (entryName.isEmpty())
        return refusal(tr("it is empty", "error message, rule for a name"));
    if (entryName.startsWith(u'/'))
        return refusal(tr("it is absolute", "error message, rule for a name"));
    if (startsWithDriveLetter(entryName))
        return refusal(tr("it begins with a drive letter", "error message, rule for a name"));
    if (entryName.contains(u'\\'))
        return refusal(tr("it contains a backslash", "error message, rule for a name"));
    if (std::any_of(entryName.begin(), entryName.end(), isControl))
        return refusal(tr("it contains a control character", "error message, rule for a name"));
    if (!entryName.isValidUtf16() || entryName.contains(QChar::ReplacementCharacter))
        return refusal(tr("it is not valid text", "error message, rule for a name"));

    QString path = entryName;
    if (path.endsWith(u'/'))
        path.chop(1);
    if (isLonger(path, longestPath))
        return refusal(tr("it is too long", "error message, rule for a name"));
    for (const QStringView component : path.tokenize(u'/')) {
        if (component.isEmpty())
            return refusal(tr("a part of it is empty", "error message, rule for a name"));
        if (component == "."_L1 || component == ".."_L1)
            return refusal(
                tr("“%1” is not allowed in it", "error message, rule for a name").arg(component));
        if (isLonger(component, longestComponent))
            return refusal(tr("a part of it is too long", "error message, rule for a name"));
    }
    const QStringView first = QStringView(path).left(path.indexOf(u'/'));
    if (first == QLatin1StringView(ownDirectoryName))
        return refusal(
            tr("“%1” belongs to the installer", "error message, rule for a name").arg(first));
    return path;
}

Result<> EntryPath::checkLinkTarget(const QString &path, const QString &linkTarget)
{
    QString shown = linkTarget.left(200);
    std::replace_if(shown.begin(), shown.end(), isControl, u'?');
    const auto refusal = [&path, &shown](const QString &rule) {
        return Error{ErrorCode::BadPayload,
                     tr("The link “%1” to “%2” is refused: %3.",
                        "error message; %1: archive entry, %2: where it points, %3: rule")
                         .arg(path, shown, rule)};
    };

    if (linkTarget.isEmpty())
        return refusal(tr("it points nowhere", "error message, rule for a link"));
    if (linkTarget.startsWith(u'/'))
        return refusal(tr("it is absolute", "error message, rule for a link"));
    if (std::any_of(linkTarget.begin(), linkTarget.end(), isControl) || !linkTarget.isValidUtf16()
        || linkTarget.contains(QChar::ReplacementCharacter))
        return refusal(tr("it is not valid text", "error message, rule for a link"));
    if (linkTarget.toUtf8().size() > longestPath)
        return refusal(tr("it is too long", "error message, rule for a link"));

    // Only leading ".." can be judged by the text: behind a name it is resolved from wherever that
    // name, itself a link perhaps, leads.
    qsizetype depth = path.count(u'/');
    bool descended = false;
    const QStringList components = linkTarget.split(u'/', Qt::SkipEmptyParts);
    for (const QString &component : components) {
        if (component == "."_L1)
            continue;
        if (component != ".."_L1) {
            descended = true;
            continue;
        }
        if (--depth < 0)
            return refusal(
                tr("it leads out of the installed folder", "error message, rule for a link"));
        if (descended)
            return refusal(
                tr("“%1” follows a name in it", "error message, rule for a link").arg(component));
    }
    return {};
}

} // namespace Entracte
