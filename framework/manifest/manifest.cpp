// SPDX-License-Identifier: MIT
#include "manifest/manifest.h"

#include <QRegularExpression>

#include <algorithm>
#include <array>
#include <utility>

using namespace Qt::StringLiterals;

namespace Entracte {

static const std::array<std::pair<InUsePolicy, QLatin1StringView>, 6> &policyWords()
{
    static const std::array<std::pair<InUsePolicy, QLatin1StringView>, 6> words{{
        {InUsePolicy::Ask, "ask"_L1},
        {InUsePolicy::Close, "close"_L1},
        {InUsePolicy::Force, "force"_L1},
        {InUsePolicy::Skip, "skip"_L1},
        {InUsePolicy::Defer, "defer"_L1},
        {InUsePolicy::Fail, "fail"_L1},
    }};
    return words;
}

/// The regular expression that says what \a pattern says.
static QString expressionOf(const QString &pattern)
{
    QString expression = QRegularExpression::escape(pattern);
    expression.replace(uR"(\*\*\/)"_s, u"(?:.*/)?"_s);
    expression.replace(uR"(\*\*)"_s, u".*"_s);
    expression.replace(uR"(\*)"_s, u"[^/]*"_s);
    expression.replace(uR"(\?)"_s, u"[^/]"_s);
    return QRegularExpression::anchoredPattern(expression);
}

bool EditedFilesRule::matches(const QString &path) const
{
    const QRegularExpression expression(expressionOf(files),
                                        QRegularExpression::DotMatchesEverythingOption);
    return expression.match(path).hasMatch();
}

EditedFilesRule Manifest::ruleForEdited(const QString &path) const
{
    const auto rule = std::find_if(editedFiles.cbegin(), editedFiles.cend(),
                                   [&](const EditedFilesRule &one) { return one.matches(path); });
    return rule == editedFiles.cend() ? EditedFilesRule() : *rule;
}

QString LocalizedText::in(const QString &language) const
{
    if (m_texts.isEmpty())
        return {};
    const QString base = language.section(u'_', 0, 0).section(u'-', 0, 0);
    for (const QString &key : {language, base, QString(), u"en"_s})
        if (const auto text = m_texts.constFind(key); text != m_texts.cend())
            return *text;
    return m_texts.first();
}

QString toWord(InUsePolicy policy)
{
    for (const auto &[value, word] : policyWords())
        if (value == policy)
            return word;
    Q_UNREACHABLE();
}

std::optional<InUsePolicy> inUsePolicyFrom(const QString &word)
{
    for (const auto &[value, known] : policyWords())
        if (known == word)
            return value;
    return std::nullopt;
}

std::optional<EditedFilePolicy> editedFilePolicyFrom(const QString &word)
{
    if (word == "replace"_L1)
        return EditedFilePolicy::Replace;
    if (word == "keep"_L1)
        return EditedFilePolicy::Keep;
    if (word == "merge"_L1)
        return EditedFilePolicy::Merge;
    return std::nullopt;
}

} // namespace Entracte
