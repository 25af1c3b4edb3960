// SPDX-License-Identifier: MIT
#include <QDirIterator>
#include <QMap>
#include <QRegularExpression>
#include <QSet>
#include <QTest>

using namespace Qt::StringLiterals;

/// Holds the source to the arrows of framework/ARCHITECTURE.md: reads every `#include "room/…"` and
/// compares it with the table below. An architecture decision that fails when it is broken.
class tst_Layers : public QObject
{
    Q_OBJECT

private slots:
    void everyIncludeFollowsAnArrow_data();
    void everyIncludeFollowsAnArrow();
    void onlyOneFileKnowsQuaZip();
    void onlyUiKnowsWidgets();
    void nothingBlocksTheEventLoop();
};

/// Which rooms a room may include, itself apart. "client/registrationpath" stands for the one
/// header that the application's library and the back end share: where a registration lies.
static const QMap<QString, QSet<QString>> &arrows()
{
    static const QSet<QString> flow{u"core"_s, u"manifest"_s, u"plan"_s};
    static const QMap<QString, QSet<QString>> table{
        {u"core"_s, {}},
        {u"manifest"_s, {u"core"_s}},
        {u"plan"_s, {u"core"_s, u"manifest"_s}},
        {u"transaction"_s, flow},
        {u"payload"_s, flow | QSet{u"transaction"_s}},
        {u"restart"_s, {u"core"_s}},
        {u"guardian"_s, {u"core"_s, u"transaction"_s, u"restart"_s}},
        {u"engine"_s, flow | QSet{u"transaction"_s, u"payload"_s, u"restart"_s, u"guardian"_s}},
        {u"ui"_s,
         flow | QSet{u"transaction"_s, u"payload"_s, u"restart"_s, u"guardian"_s, u"engine"_s}},
        {u"capi"_s, {u"core"_s, u"restart"_s, u"client"_s}},
        {u"tools"_s,
         flow | QSet{u"transaction"_s, u"payload"_s, u"restart"_s, u"guardian"_s, u"engine"_s}},
        {u"platform"_s,
         {u"core"_s, u"plan"_s, u"restart"_s, u"transaction"_s, u"guardian"_s, u"client"_s}},
        {u"client"_s, {}},
        {u"sample-installer"_s, {u"ui"_s, u"client"_s}},
    };
    return table;
}

static QStringList sourcesBelow(const QString &folder)
{
    QStringList found;
    QDirIterator files(folder, {u"*.h"_s, u"*.cpp"_s}, QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext())
        found.append(files.next());
    found.sort();
    return found;
}

static QString roomOf(const QString &file)
{
    const QString path = QDir(QStringLiteral(ENTRACTE_SOURCE_DIR)).relativeFilePath(file);
    return path.startsWith(u"framework/"_s) ? path.section(u'/', 1, 1) : path.section(u'/', 0, 0);
}

static QString textOf(const QString &fileName)
{
    QFile file(fileName);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

static QStringList allSources()
{
    QStringList files;
    for (const QString &folder : {u"framework"_s, u"ui"_s, u"sample-installer"_s})
        files += sourcesBelow(QStringLiteral(ENTRACTE_SOURCE_DIR "/") + folder);
    return files;
}

void tst_Layers::everyIncludeFollowsAnArrow_data()
{
    QTest::addColumn<QString>("file");
    for (const QString &file : allSources())
        QTest::newRow(qPrintable(QDir(QStringLiteral(ENTRACTE_SOURCE_DIR)).relativeFilePath(file)))
            << file;
    QVERIFY(allSources().size() > 60);
}

void tst_Layers::everyIncludeFollowsAnArrow()
{
    QFETCH(const QString, file);
    static const QRegularExpression include(u"^#include [\"<]([a-z-]+)/([^\">]+)[\">]"_s,
                                            QRegularExpression::MultilineOption);
    const QString room = roomOf(file);
    QVERIFY2(arrows().contains(room), qPrintable(u"unknown room "_s + room));

    const QString text = textOf(file);
    for (auto matches = include.globalMatch(text); matches.hasNext();) {
        const QString target = matches.next().captured(1);
        if (target == room || !arrows().contains(target))
            continue;
        QVERIFY2(arrows().value(room).contains(target),
                 qPrintable(u"%1 must not know %2"_s.arg(room, target)));
    }
}

void tst_Layers::onlyOneFileKnowsQuaZip()
{
    QStringList knowing;
    for (const QString &file : allSources())
        if (textOf(file).contains(QRegularExpression(u"#include [<\"](quazip|QuaZip)"_s)))
            knowing.append(QFileInfo(file).fileName());

    QCOMPARE(knowing, QStringList(u"zipdirectory.cpp"_s));
}

void tst_Layers::onlyUiKnowsWidgets()
{
    static const QRegularExpression widgets(
        u"#include <Q(Widget|Dialog|Wizard|Label|PushButton|Application|MessageBox|Icon|Pixmap)\\w*>"_s);
    for (const QString &file : sourcesBelow(QStringLiteral(ENTRACTE_SOURCE_DIR "/framework")))
        QVERIFY2(!textOf(file).contains(widgets), qPrintable(file));
}

void tst_Layers::nothingBlocksTheEventLoop()
{
    static const QRegularExpression forbidden(
        u"processEvents\\(|QThread::m?sleep|\\busleep\\(|(Dialog|dialog|Box|box)\\w*(\\.|->)exec\\("_s);
    for (const QString &file : allSources())
        QVERIFY2(!textOf(file).contains(forbidden), qPrintable(file));
}

QTEST_GUILESS_MAIN(tst_Layers)
#include "tst_layers.moc"
