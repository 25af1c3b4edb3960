// SPDX-License-Identifier: MIT
#include "payload/entrypath.h"

#include "plan/namefolding.h"
#include "transaction/receiptfile.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

constexpr int longestComponent = 255; // NAME_MAX, in bytes
constexpr int longestPath = 3000;     // PATH_MAX less what the target and our own names need
constexpr int longestShown = 200;     // of a name in an error message

enum class Rule {
    None,
    Empty,
    Absolute,
    DriveLetter,
    Backslash,
    ControlCharacter,
    TextDirection,
    NotText,
    TooLong,
    EmptyPart,
    Dots,
    PartTooLong,
    Ours,
};

/// Control characters, and the separators that begin a new line as they do.
bool isControl(char16_t character)
{
    return character < 0x20 || (character >= 0x7F && character < 0xA0) || character == 0x2028
        || character == 0x2029;
}

/// Embeddings, overrides and isolates of text direction.
bool turnsText(char16_t character)
{
    return (character >= 0x202A && character <= 0x202E)
        || (character >= 0x2066 && character <= 0x2069);
}

/// What stands for bytes that were no text, byte order marks (Qt drops one at the beginning of a
/// text: QDir::cleanPath() makes a relative path absolute with it) and the last two of the plane,
/// which are no characters.
bool isNoText(char16_t character)
{
    return character == QChar::ReplacementCharacter || character == QChar::ByteOrderMark
        || character >= 0xFFFE;
}

/// Whether \a text may be shown to people and be stored.
Rule judgeText(QStringView text)
{
    // One look at each character decides for nearly all: only beyond ASCII is there more to ask.
    bool isAscii = true;
    for (const QChar each : text) {
        const char16_t character = each.unicode();
        if (character >= 0x20 && character < 0x7F)
            continue;
        if (isControl(character))
            return Rule::ControlCharacter;
        if (turnsText(character))
            return Rule::TextDirection;
        if (isNoText(character))
            return Rule::NotText;
        isAscii = false;
    }
    return isAscii || text.isValidUtf16() ? Rule::None : Rule::NotText;
}

/// The bytes of valid UTF-16 as UTF-8.
qsizetype utf8Size(QStringView text)
{
    qsizetype size = text.size();
    for (const QChar each : text) {
        const char16_t character = each.unicode();
        if (character >= 0x80) // half of a surrogate pair: two of the pair's four bytes
            size += character < 0x800 || each.isSurrogate() ? 1 : 2;
    }
    return size;
}

/// Whether some file system takes \a component for our own directory.
bool isOurs(QStringView component)
{
    const bool isAscii =
        std::all_of(component.begin(), component.end(), [](QChar c) { return c.unicode() < 0x80; });
    if (isAscii && !component.startsWith(u'.')
        && !component.startsWith("entrac~"_L1, Qt::CaseInsensitive))
        return false;
    const QString folded = NameFolding{true, true}.folded(component.toString());

    // FAT and NTFS know ".entracte" by a second, short name too …
    const QStringView view(folded);
    if (view.startsWith("entrac~"_L1))
        return std::all_of(view.begin() + 7, view.end(),
                           [](QChar c) { return c.unicode() < 0x80 && c.isDigit(); });
    // … and overlook what may follow the long one.
    if (!view.startsWith(QLatin1StringView(ownDirectoryName)))
        return false;
    const QStringView rest = view.sliced(QLatin1StringView(ownDirectoryName).size());
    return rest.startsWith(u':')
        || std::all_of(rest.begin(), rest.end(), [](QChar c) { return c == u'.' || c == u' '; });
}

bool isDriveLetter(QStringView name)
{
    return name.size() >= 2 && name[1] == u':' && name[0].unicode() < 0x80 && name[0].isLetter();
}

Rule judgeComponent(QStringView component)
{
    if (component.isEmpty())
        return Rule::EmptyPart;
    if (component == u"." || component == u"..")
        return Rule::Dots;
    // In UTF-8 no character of UTF-16 is longer than three bytes: most need not be counted.
    if (component.size() > longestComponent / 3 && utf8Size(component) > longestComponent)
        return Rule::PartTooLong;
    return Rule::None;
}

Rule judge(QStringView name)
{
    if (name.isEmpty())
        return Rule::Empty;
    if (name.startsWith(u'/'))
        return Rule::Absolute;
    if (isDriveLetter(name))
        return Rule::DriveLetter;
    if (name.contains(u'\\'))
        return Rule::Backslash;
    if (const Rule rule = judgeText(name); rule != Rule::None)
        return rule;

    const QStringView path = name.endsWith(u'/') ? name.chopped(1) : name;
    if (path.size() > longestPath / 3 && utf8Size(path) > longestPath)
        return Rule::TooLong;
    for (qsizetype begin = 0; begin <= path.size();) {
        const qsizetype slash = path.indexOf(u'/', begin);
        const qsizetype end = slash < 0 ? path.size() : slash;
        const QStringView component = path.sliced(begin, end - begin);
        if (const Rule rule = judgeComponent(component); rule != Rule::None)
            return rule;
        if (begin == 0 && isOurs(component))
            return Rule::Ours;
        begin = end + 1;
    }
    return Rule::None;
}

QString sentence(Rule rule)
{
    switch (rule) {
    case Rule::None:
        break;
    case Rule::Empty:
        return EntryPath::tr("it is empty", "error message, rule for a name");
    case Rule::Absolute:
        return EntryPath::tr("it is absolute", "error message, rule for a name");
    case Rule::DriveLetter:
        return EntryPath::tr("it begins with a drive letter", "error message, rule for a name");
    case Rule::Backslash:
        return EntryPath::tr("it contains a backslash", "error message, rule for a name");
    case Rule::ControlCharacter:
        return EntryPath::tr("it contains a control character", "error message, rule for a name");
    case Rule::TextDirection:
        return EntryPath::tr("it contains a character that changes the direction of text",
                             "error message, rule for a name");
    case Rule::NotText:
        return EntryPath::tr("it is not valid text", "error message, rule for a name");
    case Rule::TooLong:
        return EntryPath::tr("it is too long", "error message, rule for a name");
    case Rule::EmptyPart:
        return EntryPath::tr("a part of it is empty", "error message, rule for a name");
    case Rule::Dots:
        return EntryPath::tr("“.” and “..” are not allowed in it",
                             "error message, rule for a name");
    case Rule::PartTooLong:
        return EntryPath::tr("a part of it is too long", "error message, rule for a name");
    case Rule::Ours:
        return EntryPath::tr("“%1” belongs to the installer", "error message, rule for a name")
            .arg(QLatin1StringView(ownDirectoryName));
    }
    return {};
}

/// \a name for an error message: nothing in it can forge what the sentence says.
QString shown(const QString &name)
{
    QString harmless = name.left(longestShown);
    std::replace_if(
        harmless.begin(), harmless.end(),
        [](QChar c) { return isControl(c.unicode()) || turnsText(c.unicode()); }, u'?');
    return harmless;
}

} // namespace

Result<QString> EntryPath::fromEntryName(const QString &entryName)
{
    if (const Rule rule = judge(entryName); rule != Rule::None)
        return Error{ErrorCode::BadPayload, tr("The name “%1” is refused: %2.",
                                               "error message; %1: archive entry, %2: rule")
                                                .arg(shown(entryName), sentence(rule))};
    return entryName.endsWith(u'/') ? entryName.chopped(1) : entryName;
}

Result<> EntryPath::checkLinkTarget(const QString &path, const QString &linkTarget)
{
    const auto refusal = [&path, &linkTarget](const QString &rule) {
        return Error{ErrorCode::BadPayload,
                     tr("The link “%1” to “%2” is refused: %3.",
                        "error message; %1: archive entry, %2: where it points, %3: rule")
                         .arg(shown(path), shown(linkTarget), rule)};
    };

    if (linkTarget.isEmpty())
        return refusal(tr("it points nowhere", "error message, rule for a link"));
    if (linkTarget.startsWith(u'/'))
        return refusal(sentence(Rule::Absolute));
    if (const Rule rule = judgeText(linkTarget); rule != Rule::None)
        return refusal(sentence(rule));
    if (linkTarget.size() > longestPath / 3 && utf8Size(linkTarget) > longestPath)
        return refusal(sentence(Rule::TooLong));

    // Only leading ".." can be judged by the text: behind a name it is resolved from wherever that
    // name, itself a link perhaps, leads.
    qsizetype depth = path.count(u'/');
    bool descended = false;
    for (const QStringView component : QStringView(linkTarget).tokenize(u'/', Qt::SkipEmptyParts)) {
        if (component == u".")
            continue;
        if (component != u"..") {
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
