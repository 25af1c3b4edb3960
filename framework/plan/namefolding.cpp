// SPDX-License-Identifier: MIT
#include "plan/namefolding.h"

#include <QList>

#include <algorithm>

namespace Entracte {

namespace {

struct Range
{
    char32_t first;
    char32_t last;
};

// Default_Ignorable_Code_Point of Unicode 15, in order; QChar does not know it.
constexpr Range ignorable[] = {
    {0x00AD, 0x00AD},   {0x034F, 0x034F},   {0x061C, 0x061C}, {0x115F, 0x1160}, {0x17B4, 0x17B5},
    {0x180B, 0x180F},   {0x200B, 0x200F},   {0x202A, 0x202E}, {0x2060, 0x206F}, {0x3164, 0x3164},
    {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFF8}, {0x1BCA0, 0x1BCA3},
    {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
};

bool isIgnorable(char32_t character)
{
    const auto range =
        std::lower_bound(std::begin(ignorable), std::end(ignorable), character,
                         [](const Range &candidate, char32_t c) { return candidate.last < c; });
    return range != std::end(ignorable) && range->first <= character;
}

bool isAscii(const QString &name)
{
    return std::all_of(name.begin(), name.end(), [](QChar c) { return c.unicode() < 0x80; });
}

QString withoutIgnorable(const QString &name)
{
    QString visible;
    visible.reserve(name.size());
    for (const char32_t character : name.toUcs4()) {
        if (!isIgnorable(character))
            visible.append(QStringView(QChar::fromUcs4(character)));
    }
    return visible;
}

/// QString folds letter by letter; where one becomes several, only its capitals know them.
QString caseFolded(const QString &name)
{
    const QString simply = name.toCaseFolded();
    QString fully;
    fully.reserve(simply.size());
    for (const QChar letter : simply) {
        if (letter.unicode() < 0x80 || letter.isSurrogate()) {
            fully.append(letter);
            continue;
        }
        const QString capitals = QString(letter).toUpper();
        if (capitals.size() == 1)
            fully.append(letter);
        else
            fully.append(capitals.toCaseFolded());
    }
    return fully;
}

QString decomposed(const QString &name)
{
    return name.normalized(QString::NormalizationForm_D);
}

} // namespace

QString NameFolding::folded(const QString &name) const
{
    if (!foldsCase && !normalises)
        return name;
    if (isAscii(name))
        return foldsCase ? name.toCaseFolded() : name;
    if (!foldsCase)
        return decomposed(name);
    if (!normalises)
        return caseFolded(name);
    // Folding can take apart what was composed, and the other way round (Unicode, D145).
    return decomposed(caseFolded(decomposed(withoutIgnorable(name))));
}

} // namespace Entracte
