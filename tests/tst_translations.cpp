// SPDX-License-Identifier: MIT
#include "core/translators.h"

#include <QDirIterator>
#include <QFile>
#include <QMap>
#include <QRegularExpression>
#include <QSet>
#include <QTest>
#include <QXmlStreamReader>

using namespace Qt::StringLiterals;

/// The catalogues are complete, current and say the same thing with the same placeholders.
class tst_Translations : public QObject
{
    Q_OBJECT

private slots:
    void frenchIsComplete();
    void englishHasEveryPluralForm();
    void everyStringSaysWhereItStands();
    void placeholdersSurviveTranslation();
    void cataloguesKnowEveryStringInTheSource();
    void bothCataloguesAreCompiledIn();
};

struct Message
{
    QString source;
    QString comment;
    QString extraComment;
    QStringList translations; ///< one, or one per plural form
    QString type;             ///< "unfinished", "vanished" … or empty
    bool isPlural = false;
};

static QList<Message> messagesOf(const QString &language)
{
    QFile file(QStringLiteral(ENTRACTE_SOURCE_DIR "/translations/entracte_%1.ts").arg(language));
    if (!file.open(QIODevice::ReadOnly))
        return {};

    QList<Message> messages;
    QXmlStreamReader xml(&file);
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement)
            continue;
        if (xml.name() == "message"_L1) {
            messages.append(Message{});
            messages.last().isPlural = xml.attributes().value("numerus"_L1) == "yes"_L1;
        } else if (xml.name() == "source"_L1) {
            messages.last().source = xml.readElementText();
        } else if (xml.name() == "comment"_L1) {
            messages.last().comment = xml.readElementText();
        } else if (xml.name() == "extracomment"_L1) {
            messages.last().extraComment = xml.readElementText();
        } else if (xml.name() == "translation"_L1) {
            messages.last().type = xml.attributes().value("type"_L1).toString();
            if (!messages.last().isPlural)
                messages.last().translations.append(xml.readElementText());
        } else if (xml.name() == "numerusform"_L1) {
            messages.last().translations.append(xml.readElementText());
        }
    }
    return messages;
}

static QSet<QString> placeholders(const QString &text)
{
    static const QRegularExpression pattern(u"%(\\d|n|L\\d)"_s);
    QSet<QString> found;
    for (auto matches = pattern.globalMatch(text); matches.hasNext();)
        found.insert(matches.next().captured());
    return found;
}

void tst_Translations::frenchIsComplete()
{
    const QList<Message> messages = messagesOf(u"fr"_s);

    QVERIFY(messages.size() > 100);
    for (const Message &message : messages) {
        QVERIFY2(message.type.isEmpty(), qPrintable(message.type + u": "_s + message.source));
        for (const QString &translation : message.translations)
            QVERIFY2(!translation.trimmed().isEmpty(), qPrintable(message.source));
        QCOMPARE(message.translations.size(), message.isPlural ? 2 : 1);
    }
}

void tst_Translations::englishHasEveryPluralForm()
{
    int plurals = 0;
    for (const Message &message : messagesOf(u"en"_s)) {
        if (!message.isPlural)
            continue;
        ++plurals;
        QVERIFY2(message.type.isEmpty(), qPrintable(message.source));
        QCOMPARE(message.translations.size(), 2);
        for (const QString &form : message.translations)
            QVERIFY2(!form.isEmpty() && !form.contains(u"(s)"_s), qPrintable(message.source));
    }
    QVERIFY(plurals > 0);
}

void tst_Translations::everyStringSaysWhereItStands()
{
    for (const Message &message : messagesOf(u"fr"_s))
        QVERIFY2(!message.comment.isEmpty() || !message.extraComment.isEmpty(),
                 qPrintable(message.source));
}

void tst_Translations::placeholdersSurviveTranslation()
{
    for (const Message &message : messagesOf(u"fr"_s)) {
        for (const QString &translation : message.translations) {
            QSet<QString> expected = placeholders(message.source);
            QSet<QString> actual = placeholders(translation);
            if (message.isPlural) { // "one application" may do without its number
                expected.remove(u"%n"_s);
                actual.remove(u"%n"_s);
            }
            QVERIFY2(expected == actual, qPrintable(translation));
        }
    }
}

// lupdate is not run here: it would write into the source. Every string literal that stands first
// in a tr() must be in the catalogue.
void tst_Translations::cataloguesKnowEveryStringInTheSource()
{
    static const QRegularExpression marked(u"\\btr\\(\\s*((?:\"(?:[^\"\\\\]|\\\\.)*\"\\s*)+)"_s);
    static const QRegularExpression seam(u"\"\\s*\""_s);
    QSet<QString> known;
    for (const Message &message : messagesOf(u"fr"_s))
        known.insert(message.source);

    int found = 0;
    for (const QString &folder : {u"framework"_s, u"ui"_s}) {
        QDirIterator files(QStringLiteral(ENTRACTE_SOURCE_DIR "/") + folder, {u"*.cpp"_s},
                           QDir::Files, QDirIterator::Subdirectories);
        while (files.hasNext()) {
            QFile file(files.next());
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QString text = QString::fromUtf8(file.readAll());
            for (auto matches = marked.globalMatch(text); matches.hasNext();) {
                QString literal = matches.next().captured(1).trimmed().remove(seam);
                literal = literal.mid(1, literal.size() - 2);
                literal.replace(u"\\n"_s, u"\n"_s).replace(u"\\\""_s, u"\""_s);
                ++found;
                QVERIFY2(known.contains(literal), qPrintable(file.fileName() + u": "_s + literal));
            }
        }
    }
    QVERIFY(found > 100);
}

void tst_Translations::bothCataloguesAreCompiledIn()
{
    QVERIFY(Entracte::installTranslators(u"fr"_s).startsWith(u"fr"_s));

    QVERIFY(QFile::exists(u":/i18n/entracte_fr.qm"_s));
    QVERIFY(QFile::exists(u":/i18n/entracte_en.qm"_s));
    QCOMPARE(QCoreApplication::translate("Entracte::AffectedApplicationModel", "Open.",
                                         "state of an application"),
             u"Ouverte."_s);
}

QTEST_GUILESS_MAIN(tst_Translations)
#include "tst_translations.moc"
