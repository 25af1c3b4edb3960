// SPDX-License-Identifier: MIT
#include "support/sampletree.h"
#include "transaction/journal.h"
#include "transaction/journalreader.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <random>

using namespace Entracte;
using namespace Qt::StringLiterals;

class tst_Journal : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void everyStepComesBackAsItWas();
    void whatTearsIsNotWritten_data();
    void whatTearsIsNotWritten();
    void whoGoesOnAfterATearIsUnderstood();
    void aLaterMinorVersionIsUnderstood();
    void anotherMajorVersionIsRefused();
    void aLongOneIsReadInPieces_data();
    void aLongOneIsReadInPieces();
    void theOrderOfItsLinesDoesNotMatter();
    void noLineIsTooLong();
    void aTearIsUnderstoodWhereverItIs();
    void ofTwoLinesAboutOneFileTheLaterCounts();
    void linesThatMakeNoSenseAreRefused_data();
    void linesThatMakeNoSenseAreRefused();

private:
    QByteArray text() const { return SampleTree::bytesOf(m_folder->filePath(u"journal"_s)); }
    static Result<std::optional<Journal::Record>> parse(const QByteArray &text)
    {
        return JournalReader::parse(text, u"the journal"_s);
    }
    static QByteArray line(const QByteArray &body) { return SampleTree::journalLine(body) + '\n'; }

    static QByteArray longText(int files);

    const Journal::Header m_header{
        u"t-1"_s, u"org.example.a b"_s, QVersionNumber(2, 1), u"/opt/a b"_s, {u"/opt"_s}};
    std::unique_ptr<QTemporaryDir> m_folder;
    std::optional<Directory> m_directory;
};

void tst_Journal::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    Result<Directory> opened = Directory::open(m_folder->path());
    QVERIFY(opened);
    m_directory = *std::move(opened);
}

void tst_Journal::everyStepComesBackAsItWas()
{
    Result<Journal> journal = Journal::create(*m_directory, u"journal"_s, m_header);
    QVERIFY(journal);
    using Kind = FileStep::Kind;
    const QList<FileStep> steps{{Kind::MakeDirectory, u"new dir"_s, 0750, 0, {}},
                                {Kind::Swap, u"a%"_s, 0, 18'446'744'073'709'551'615u, {}},
                                {Kind::Add, u"b"_s, 0, 7, u"mount/.draft"_s},
                                {Kind::Drop, u"c"_s, 0, 8, {}},
                                {Kind::Aside, u"d"_s, 0, 9, u"d.saved"_s},
                                {Kind::RemoveDirectory, u"e"_s, 0755, 0, {}},
                                {Kind::Draft, u"mount/.draft"_s, 0, 0, {}}};
    journal->add(Journal::Mark::Staged);
    for (const FileStep &step : steps)
        journal->add(step);
    journal->add(Journal::Mark::Swapping);
    QVERIFY(journal->sync());

    const Result<std::optional<Journal::Record>> read =
        JournalReader::read(*m_directory, u"journal"_s);

    QVERIFY(read && *read);
    QCOMPARE((*read)->header.transactionId, m_header.transactionId);
    QCOMPARE((*read)->header.productId, m_header.productId);
    QCOMPARE((*read)->header.version, m_header.version);
    QCOMPARE((*read)->header.targetDirectory, m_header.targetDirectory);
    QCOMPARE((*read)->header.createdParents, m_header.createdParents);
    QVERIFY((*read)->isStaged && (*read)->isSwapping && !(*read)->isCommitted);
    QCOMPARE((*read)->steps.size(), steps.size());
    for (qsizetype i = 0; i < steps.size(); ++i) {
        const FileStep &got = (*read)->steps[i];
        QVERIFY(got.kind == steps[i].kind);
        QCOMPARE(got.path, steps[i].path);
        QCOMPARE(got.mode, steps[i].mode);
        QCOMPARE(got.inode, steps[i].inode);
        QCOMPARE(got.other, steps[i].other);
    }
}

void tst_Journal::whatTearsIsNotWritten_data()
{
    QTest::addColumn<QByteArray>("tail");
    QTest::newRow("half a line") << QByteArray("commit");
    QTest::newRow("a line without its sum") << QByteArray("committed\n");
    QTest::newRow("a line with a wrong sum") << QByteArray("committed #00000000\n");
    QTest::newRow("zeros, as after a power cut") << QByteArray(4096, '\0');
    QTest::newRow("what follows a bad line") << "committed #00000000\n" + line("committed");
}

void tst_Journal::whatTearsIsNotWritten()
{
    QFETCH(const QByteArray, tail);
    Result<Journal> journal = Journal::create(*m_directory, u"journal"_s, m_header);
    QVERIFY(journal);
    journal->add(Journal::Mark::Staged);
    QVERIFY(journal->write());

    const Result<std::optional<Journal::Record>> read = parse(text() + tail);

    QVERIFY(read && *read && (*read)->isStaged);
    QVERIFY(!(*read)->isCommitted);
    for (qsizetype size = 0; size < text().indexOf('\n'); ++size) {
        const Result<std::optional<Journal::Record>> torn = parse(text().left(size));
        QVERIFY(torn && !*torn); // not even begun
    }
}

void tst_Journal::whoGoesOnAfterATearIsUnderstood()
{
    QVERIFY(Journal::create(*m_directory, u"journal"_s, m_header));
    QVERIFY(SampleTree::put(m_folder->filePath(u"journal"_s), text() + "swapp"));

    Result<Journal> resumed = Journal::resume(*m_directory, u"journal"_s);
    QVERIFY(resumed);
    resumed->add(Journal::Mark::Committed);
    QVERIFY(resumed->sync());

    const Result<std::optional<Journal::Record>> read = parse(text());
    QVERIFY(read && *read && (*read)->isCommitted && !(*read)->isSwapping);
}

void tst_Journal::aLaterMinorVersionIsUnderstood()
{
    const QByteArray later = line("entracte 1.7 t-1 org.example.a 3.0 colour=blue")
                           + line("target /opt/a") + line("weather fine %") + line("dir 755 bin x")
                           + line("staged");

    const Result<std::optional<Journal::Record>> read = parse(later);

    QVERIFY(read && *read && (*read)->isStaged);
    QCOMPARE((*read)->header.targetDirectory, u"/opt/a"_s);
    QCOMPARE((*read)->files.keys(), QStringList{u"bin"_s});
}

void tst_Journal::anotherMajorVersionIsRefused()
{
    const Result<std::optional<Journal::Record>> read = parse(line("entracte 2.0 t p 1"));

    QVERIFY(!read);
    QVERIFY(read.error().message.contains(u"the journal"_s));
    QVERIFY(read.error().message.contains(u"2.0"_s));
}

/// The header, and \a files lines of more than 100 bytes.
QByteArray tst_Journal::longText(int files)
{
    QByteArray text = line("entracte 1.0 t-1 org.example.a 2.1");
    for (int number = 0; number < files; ++number) {
        const QByteArray name = QByteArray::number(number).rightJustified(6, '0');
        text += line("file 644 1204 1763989200000000000 " + QByteArray(64, 'a') + " share/" + name);
    }
    return text;
}

void tst_Journal::aLongOneIsReadInPieces_data()
{
    QTest::addColumn<QByteArray>("end");
    QTest::addColumn<bool>("isStaged");
    QTest::addColumn<QString>("last");

    const QByteArray late = line("dir 755 zoo");
    QTest::newRow("whole") << late + line("staged") << true << u"zoo"_s;
    QTest::newRow("torn") << "fi\n" + late + line("staged") << false << u"share/019999"_s;
    QTest::newRow("torn, and gone on with") << "fi\n\n" + late + line("staged") << true << u"zoo"_s;
}

void tst_Journal::aLongOneIsReadInPieces()
{
    QFETCH(const QByteArray, end);
    QFETCH(const bool, isStaged);
    QFETCH(const QString, last);
    constexpr int count = 20'000;

    const Result<std::optional<Journal::Record>> read = parse(longText(count) + end);

    QVERIFY2(read, read ? "" : qPrintable(read.error().message));
    QVERIFY(*read);
    QCOMPARE((*read)->isStaged, isStaged);
    const QStringList paths = (*read)->files.keys();
    QCOMPARE(paths.size(), count + (isStaged ? 1 : 0));
    QCOMPARE(paths.first(), u"share/000000"_s);
    QCOMPARE(paths.at(12'345), u"share/012345"_s);
    QCOMPARE(paths.last(), last);
    QCOMPARE((*read)->files.value(u"share/012345"_s).size, 1204);

    // What tears in the middle ends it there, whoever reads what follows.
    QByteArray torn = longText(count) + end;
    torn[torn.indexOf("share/003000")] = 'S';
    const Result<std::optional<Journal::Record>> readTorn = parse(torn);
    QVERIFY(readTorn && *readTorn);
    QCOMPARE((*readTorn)->files.size(), 3000);
    QVERIFY(!(*readTorn)->isStaged);
}

void tst_Journal::theOrderOfItsLinesDoesNotMatter()
{
    const QByteArray text = longText(20'000);
    QList<QByteArray> lines = text.split('\n');
    const QByteArray header = lines.takeFirst() + '\n';
    std::shuffle(lines.begin(), lines.end(), std::mt19937(7));

    const Result<std::optional<Journal::Record>> sorted = parse(text);
    const Result<std::optional<Journal::Record>> shuffled = parse(header + lines.join('\n') + '\n');

    QVERIFY(sorted && *sorted && shuffled && *shuffled);
    QCOMPARE((*sorted)->files.size(), 20'000);
    QCOMPARE((*shuffled)->files.keys(), (*sorted)->files.keys());
}

void tst_Journal::noLineIsTooLong()
{
    const QByteArray longPath = QByteArray(300'000, 'x');

    const Result<std::optional<Journal::Record>> read =
        parse(line("entracte 1.1 t-1 org.example.a 2.1") + line("dir 755 a")
              + line("dir 755 " + longPath) + line("dir 755 b") + line("staged"));

    QVERIFY(read && *read && (*read)->isStaged);
    QCOMPARE((*read)->files.size(), 3);
    QVERIFY((*read)->files.contains(QString::fromLatin1(longPath)));
}

/// A journal is read through a window: a tear is recognised by the byte behind it, wherever that
/// is.
void tst_Journal::aTearIsUnderstoodWhereverItIs()
{
    const QByteArray header = line("entracte 1.1 t-1 org.example.a 2.1");
    const qsizetype window = 64 * 1024;
    for (qsizetype size = window - header.size() - 60; size < window - header.size(); ++size) {
        const QByteArray before = header + line("weather " + QByteArray(size, 'x'));
        const QByteArray torn = before + "swapping #00000000\n";

        const Result<std::optional<Journal::Record>> ended = parse(torn + line("committed"));
        QVERIFY(ended && *ended && !(*ended)->isCommitted);

        const Result<std::optional<Journal::Record>> resumed =
            parse(torn + "\n" + line("committed"));
        QVERIFY(resumed && *resumed && (*resumed)->isCommitted && !(*resumed)->isSwapping);
    }
}

void tst_Journal::ofTwoLinesAboutOneFileTheLaterCounts()
{
    const QByteArray text = line("entracte 1.0 t-1 org.example.a 2.1") + line("dir 755 b")
                          + line("dir 700 c") + line("dir 755 a") + line("dir 750 c")
                          + line("link b there");

    const Result<std::optional<Journal::Record>> read = parse(text);

    QVERIFY(read && *read);
    const InstalledFiles &files = (*read)->files;
    QCOMPARE(files.keys(), (QStringList{u"a"_s, u"b"_s, u"c"_s}));
    QCOMPARE(files.value(u"c"_s).mode, 0750);
    QCOMPARE(files.value(u"b"_s).kind, EntryKind::SymbolicLink);
    QVERIFY(!files.contains(u"bb"_s) && !files.contains(u"d"_s) && !files.contains(u""_s));
}

void tst_Journal::linesThatMakeNoSenseAreRefused_data()
{
    QTest::addColumn<QByteArray>("body");
    const QByteArray digest(64, 'a');
    QTest::newRow("leads out") << QByteArray("dir 755 ../x");
    QTest::newRow("leads out inside") << QByteArray("dir 755 a/../../x");
    QTest::newRow("absolute") << QByteArray("dir 755 /x");
    QTest::newRow("NUL") << QByteArray("dir 755 a%00b");
    QTest::newRow("bad escape") << QByteArray("dir 755 a%zz");
    QTest::newRow("empty") << QByteArray("dir 755 %");
    QTest::newRow("no digest") << QByteArray("file 644 1 2 abc a");
    QTest::newRow("negative size") << "file 644 -1 2 " + digest + " a";
    QTest::newRow("mode too large") << QByteArray("dir 70000 a");
    QTest::newRow("a step out") << QByteArray("swap 0 1 ../a %");
    QTest::newRow("a draft elsewhere") << QByteArray("add 0 1 a /etc/passwd");
    QTest::newRow("half a step") << QByteArray("drop 0 1");
    QTest::newRow("a line that must be understood") << QByteArray("!frozen a");
    QTest::newRow("half a deferral") << QByteArray("!deferred");
    QTest::newRow("a stamp out") << QByteArray("was 1 2 ../a");
    QTest::newRow("relative target") << QByteArray("target opt");
}

void tst_Journal::linesThatMakeNoSenseAreRefused()
{
    QFETCH(const QByteArray, body);

    const Result<std::optional<Journal::Record>> read =
        parse(line("entracte 1.0 t p 1") + line(body));

    QVERIFY(!read);
    QVERIFY(read.error().message.contains(u"the journal"_s));
}

QTEST_GUILESS_MAIN(tst_Journal)
#include "tst_journal.moc"
