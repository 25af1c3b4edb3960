// SPDX-License-Identifier: MIT
#include "plugin/statusplugin.h"

#include <QObject>
#include <QRegularExpression>

using namespace Qt::StringLiterals;

/// Counts words; since Aurora 2 also characters.
class WordCount : public QObject, public StatusPlugin
{
    Q_OBJECT
    Q_PLUGIN_METADATA(IID StatusPlugin_iid)
    Q_INTERFACES(StatusPlugin)

public:
    QString status(const QString &text) const override
    {
        static const QRegularExpression space(u"\\s+"_s);
        const auto words = text.split(space, Qt::SkipEmptyParts).size();
#if AURORA_MAJOR_VERSION >= 2
        return tr("Words: %1, characters: %2").arg(words).arg(text.size());
#else
        return tr("Words: %1").arg(words);
#endif
    }
};

#include "wordcount.moc"
