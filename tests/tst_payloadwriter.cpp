// SPDX-License-Identifier: MIT
#include "payload/entryreader.h"
#include "payload/payloadarchive.h"
#include "payload/payloadwriter.h"

#include <QCryptographicHash>
#include <QDir>
#include <QMap>
#include <QProcess>
#include <QRandomGenerator>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <cerrno>
#include <thread>

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Entracte;
using namespace Qt::StringLiterals;

class tst_PayloadWriter : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void archivesHoldWhatTheFolderHolds();
    void everyUnpackerAcceptsThem_data();
    void everyUnpackerAcceptsThem();
    void nothingIsDeflatedForNothing();
    void theSameTreeBecomesTheSameBytes();
    void timeIsTheOneThatWasAskedFor();
    void hostileTreesAreRefused_data();
    void hostileTreesAreRefused();
    void whatChangesIsNoticed_data();
    void whatChangesIsNoticed();
    void whatCannotBeReadIsAClearSentence();
    void theArchiveMayNotLieInItsFolder();
    void cancellingLeavesNothing();
    void emptyFoldersCanBePacked();
    void manyEntriesNeedZip64();
    void hugeEntriesNeedZip64_data();
    void hugeEntriesNeedZip64();
    void theCommandPacks();

private:
    QString path(const QString &name) const { return m_folder->filePath(name); }
    QString tree(const QString &name = {}) const { return path(u"tree/"_s + name); }
    QString archive() const { return path(u"out/a.zip"_s); }
    QStringList left() const
    {
        return QDir(path(u"out"_s))
            .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot);
    }
    void put(const QString &name, const QByteArray &bytes, mode_t mode = 0644) const;
    void putSampleTree() const;
    Result<PayloadWriter::Summary> pack(const PayloadWriter::Options &options = {}) const
    {
        const Result<PayloadWriter> writer = PayloadWriter::open(path(u"tree"_s));
        if (!writer)
            return writer.error();
        WorkerJob::Context context;
        return writer->write(archive(), options, context);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

static QByteArray noise(qsizetype size, quint32 seed = 1)
{
    QByteArray bytes(size - size % 4 + 4, Qt::Uninitialized);
    QRandomGenerator random(seed);
    random.fillRange(reinterpret_cast<quint32 *>(bytes.data()), bytes.size() / 4);
    return bytes.first(size);
}

static QByteArray text(qsizetype size)
{
    QByteArray bytes;
    QRandomGenerator random(1);
    while (bytes.size() < size)
        bytes += QByteArray::number(random.bounded(100'000)) + " green bottles\n";
    return bytes.first(size);
}

static QByteArray contentOf(const QString &fileName)
{
    QFile file(fileName);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void tst_PayloadWriter::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(QDir().mkpath(tree()));
    QVERIFY(QDir().mkpath(path(u"out"_s)));
}

void tst_PayloadWriter::put(const QString &name, const QByteArray &bytes, mode_t mode) const
{
    QVERIFY(QDir().mkpath(QFileInfo(tree(name)).path()));
    QFile file(tree(name));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
    QVERIFY(fchmod(file.handle(), mode) == 0);
}

/// Something of everything: blocks that are joined at every alignment among it.
void tst_PayloadWriter::putSampleTree() const
{
    put(u"bin/run"_s, "#!/bin/sh\n", 0755);
    put(u"empty"_s, {});
    put(u"one"_s, "x");
    put(u"mon été/ça va.txt"_s, text(5000));
    put(u"a.b/c"_s, "before a/b");
    put(u"a/b"_s, "after a.b");
    put(u"exactly one block"_s, text(2 * 1024 * 1024));
    put(u"a byte more"_s, text(2 * 1024 * 1024 + 1));
    put(u"large.txt"_s, text(21'000'001));
    put(u"large noise"_s, noise(5'000'000));
    put(u"small noise"_s, noise(5000));
    put(u"sewn together"_s, noise(3'000'000) + QByteArray(3'000'000, 'x') + text(1'000'000));
    for (int i = 0; i < 600; ++i)
        put(u"many/%1"_s.arg(i), text(i * 7));
    QVERIFY(QDir().mkpath(tree(u"hollow/deep"_s)));
    QVERIFY(QFile::link(u"bin/run"_s, tree(u"link"_s)));
}

void tst_PayloadWriter::archivesHoldWhatTheFolderHolds()
{
    putSampleTree();

    const Result<PayloadWriter::Summary> summary = pack();

    QVERIFY2(summary, summary ? "" : qPrintable(summary.error().message));
    QCOMPARE(summary->archiveBytes, QFileInfo(archive()).size());
    const Result<std::shared_ptr<const PayloadArchive>> made = PayloadArchive::open(archive());
    QVERIFY2(made, made ? "" : qPrintable(made.error().message));
    QCOMPARE((*made)->entries().size(), summary->entries);
    EntryReader reader;
    QByteArray previous;
    QMap<QString, PayloadEntry> entries;
    for (const PayloadEntry &entry : (*made)->entries()) {
        entries.insert(entry.path, entry);
        QVERIFY2(previous < entry.path.toUtf8(), qPrintable(entry.path));
        previous = entry.path.toUtf8();
        if (entry.kind != EntryKind::File)
            continue;
        const QByteArray expected = contentOf(tree(entry.path));
        QByteArray bytes;
        const Result<> read = reader.read(**made, entry, [&bytes](QByteArrayView block) {
            bytes.append(block);
            return Result<>();
        });
        QVERIFY2(read, read ? "" : qPrintable(read.error().message));
        QVERIFY2(bytes == expected, qPrintable(entry.path));
        QCOMPARE(entry.sha256, QCryptographicHash::hash(expected, QCryptographicHash::Sha256));
    }
    QCOMPARE(entries[u"bin/run"_s].mode, 0755);
    QCOMPARE(entries[u"one"_s].mode, 0644);
    QCOMPARE(entries[u"hollow/deep"_s].kind, EntryKind::Directory);
    QCOMPARE(entries[u"hollow/deep"_s].mode, 0755);
    QCOMPARE(entries[u"link"_s].linkTarget, u"bin/run"_s);
    QCOMPARE(left(), QStringList(u"a.zip"_s));
    QVERIFY(!(QFile::permissions(archive()) & QFile::WriteOther));
}

void tst_PayloadWriter::everyUnpackerAcceptsThem_data()
{
    QTest::addColumn<QString>("command");

    QTest::newRow("unzip -t") << u"unzip -tqq a.zip"_s;
    QTest::newRow("unzip") << u"unzip -qq a.zip -d unpacked"_s;
    QTest::newRow("7z t") << u"7z t a.zip"_s;
    QTest::newRow("7z x") << u"7z x -ounpacked -snl a.zip"_s;
    QTest::newRow("bsdtar -t") << u"bsdtar -tf a.zip"_s;
    QTest::newRow("bsdtar -x") << u"mkdir unpacked; bsdtar -xf a.zip -C unpacked"_s;
    QTest::newRow("python")
        << u"python3 -c \"import zipfile; assert zipfile.ZipFile('a.zip').testzip() is None\""_s;
    QTest::newRow("sha256sum -c")
        << u"unzip -qq a.zip -d unpacked; cd unpacked; sha256sum --strict -c .entracte/sha256"_s;
}

void tst_PayloadWriter::everyUnpackerAcceptsThem()
{
    QFETCH(QString, command);
    QString program = command.section(u' ', 0, 0);
    if (program == "mkdir"_L1)
        program = u"bsdtar"_s;
    if (QStandardPaths::findExecutable(program).isEmpty())
        QSKIP("this unpacker is not installed");
    putSampleTree();
    QVERIFY(pack());

    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"LC_ALL"_s, u"C.UTF-8"_s);
    process.setProcessEnvironment(environment);
    process.setWorkingDirectory(path(u"out"_s));
    process.start(u"sh"_s, {u"-ec"_s, command});
    QVERIFY(process.waitForFinished(60'000));

    QVERIFY2(process.exitCode() == 0, process.readAllStandardError().constData());
    if (!QFileInfo::exists(path(u"out/unpacked"_s)))
        return;
    QProcess diff;
    diff.start(u"diff"_s, {u"-r"_s, u"--no-dereference"_s, u"-x"_s, u".entracte"_s, tree(),
                           path(u"out/unpacked"_s)});
    QVERIFY(diff.waitForFinished());
    QVERIFY2(diff.exitCode() == 0, diff.readAllStandardOutput().constData());
}

void tst_PayloadWriter::nothingIsDeflatedForNothing()
{
    putSampleTree();

    QVERIFY(pack());

    QMap<QString, PayloadEntry> entries;
    const Result<std::shared_ptr<const PayloadArchive>> made = PayloadArchive::open(archive());
    QVERIFY(made);
    for (const PayloadEntry &entry : (*made)->entries())
        entries.insert(entry.path, entry);
    for (const QString &name : {u"empty"_s, u"one"_s, u"small noise"_s, u"large noise"_s}) {
        QVERIFY2(!entries[name].isDeflated, qPrintable(name));
        QCOMPARE(entries[name].compressedSize, entries[name].size);
    }
    for (const QString &name :
         {u"mon été/ça va.txt"_s, u"exactly one block"_s, u"large.txt"_s, u"sewn together"_s}) {
        QVERIFY2(entries[name].isDeflated, qPrintable(name));
        QVERIFY(entries[name].compressedSize < entries[name].size * 3 / 4);
    }
}

void tst_PayloadWriter::theSameTreeBecomesTheSameBytes()
{
    putSampleTree();
    PayloadWriter::Options options;
    options.threads = 1;
    QVERIFY(pack(options));
    const QByteArray first = contentOf(archive());

    // Another machine: other order, times, umask, number of cores; a link count, an attribute.
    QVERIFY(QDir().rename(path(u"tree"_s), path(u"old"_s)));
    QProcess copy;
    copy.start(u"sh"_s, {u"-ec"_s,
                         u"mkdir \"$1\"; cd \"$0\"; find . | sort -r | while read -r name; do "
                         "mkdir -p \"$1/$(dirname \"$name\")\"; "
                         "[ -d \"$name\" ] && [ ! -L \"$name\" ] || cp -d \"$name\" \"$1/$name\"; "
                         "done; mkdir -p \"$1/hollow/deep\"; "
                         "chmod -R g+w,o-rx \"$1\"; ln \"$1/one\" \"$1/../another\""_s,
                         path(u"old"_s), path(u"tree"_s)});
    QVERIFY(copy.waitForFinished(300'000));
    QVERIFY2(copy.exitCode() == 0, copy.readAllStandardError().constData());
    options.threads = 4;
    QVERIFY(pack(options));

    QVERIFY(contentOf(archive()) == first);
}

void tst_PayloadWriter::timeIsTheOneThatWasAskedFor()
{
    put(u"a"_s, "x");
    PayloadWriter::Options options;
    options.time = QDateTime(QDate(2026, 11, 25), QTime(12, 34, 56), Qt::UTC).toSecsSinceEpoch();

    QVERIFY(pack(options));

    QProcess python;
    python.start(u"python3"_s,
                 {u"-c"_s,
                  u"import sys, zipfile\n"
                  "print([i.date_time for i in zipfile.ZipFile(sys.argv[1]).infolist()])"_s,
                  archive()});
    if (!python.waitForStarted())
        QSKIP("Python is not installed");
    QVERIFY(python.waitForFinished());
    QCOMPARE(python.readAllStandardOutput().trimmed(),
             QByteArray("[(2026, 11, 25, 12, 34, 56), (2026, 11, 25, 12, 34, 56)]"));
}

void tst_PayloadWriter::hostileTreesAreRefused_data()
{
    QTest::addColumn<QByteArray>("kind");
    QTest::addColumn<QByteArray>("name");

    QTest::newRow("backslash") << QByteArray("file") << QByteArray("a\\b");
    QTest::newRow("control character") << QByteArray("file") << QByteArray("a\nb");
    QTest::newRow("not UTF-8") << QByteArray("file") << QByteArray("a\xff");
    QTest::newRow("drive letter") << QByteArray("file") << QByteArray("C:");
    QTest::newRow("our own directory") << QByteArray("file") << QByteArray(".entracte");
    QTest::newRow("link out") << QByteArray("/etc") << QByteArray("link");
    QTest::newRow("link above") << QByteArray("../x") << QByteArray("link");
    QTest::newRow("FIFO") << QByteArray("fifo") << QByteArray("pipe");
    QTest::newRow("set-id") << QByteArray("set-id") << QByteArray("su");
}

void tst_PayloadWriter::hostileTreesAreRefused()
{
    QFETCH(QByteArray, kind);
    QFETCH(QByteArray, name);
    put(u"innocent"_s, "x");
    const QByteArray file = QFile::encodeName(tree()) + name;
    if (kind == "fifo") {
        QVERIFY(mkfifo(file.constData(), 0644) == 0);
    } else if (kind == "file" || kind == "set-id") {
        const int fd = open(file.constData(), O_CREAT | O_WRONLY, 0755);
        QVERIFY(fd >= 0);
        close(fd);
        QVERIFY(kind == "file" || chmod(file.constData(), 04755) == 0);
    } else {
        QVERIFY(symlink(kind.constData(), file.constData()) == 0);
    }

    const Result<PayloadWriter::Summary> packed = pack();

    QVERIFY(!packed);
    const QString shown = QString::fromUtf8(name).replace(u'\n', u'?');
    QVERIFY2(packed.error().message.contains(shown + u'”'), qPrintable(packed.error().message));
    QCOMPARE(left(), QStringList());
    QVERIFY(unlink(file.constData()) == 0); // Qt cannot name every one of them
}

void tst_PayloadWriter::whatChangesIsNoticed_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("command");
    QTest::addColumn<QString>("named");

    for (const QString &file : {u"small"_s, u"large"_s}) {
        const auto row = [&file](const char *name, const QString &command, const QString &named) {
            QTest::addRow("%s, %s", qPrintable(file), name) << file << command << named;
        };
        row("grows", u"echo more >>\"$0\""_s, u"changed"_s);
        row("shrinks", u"truncate -s -1 \"$0\""_s, u"changed"_s);
        row("is another file", u"cp \"$0\" new; mv new \"$0\""_s, u"changed"_s);
        row("becomes a link", u"mv \"$0\" there; ln -s there \"$0\""_s, u"changed"_s);
        row("other bytes, same time",
            u"touch -r \"$0\" time; printf y | dd of=\"$0\" "
            "conv=notrunc 2>&1; touch -r time \"$0\""_s,
            u"changed"_s);
        row("vanishes", u"rm \"$0\""_s, u"vanished"_s);
    }
}

void tst_PayloadWriter::whatChangesIsNoticed()
{
    QFETCH(QString, file);
    QFETCH(QString, command);
    QFETCH(QString, named);
    put(u"small"_s, text(5000));
    put(u"large"_s, text(9'000'000));
    QFile before(archive());
    QVERIFY(before.open(QIODevice::WriteOnly));
    before.write("the archive of yesterday");
    before.close();
    const Result<PayloadWriter> writer = PayloadWriter::open(path(u"tree"_s));
    QVERIFY(writer);
    QProcess process;
    process.setWorkingDirectory(m_folder->path());
    process.start(u"sh"_s, {u"-ec"_s, command, tree(file)});
    QVERIFY(process.waitForFinished());
    QCOMPARE(process.exitCode(), 0);
    WorkerJob::Context context;

    const Result<PayloadWriter::Summary> packed = writer->write(archive(), {}, context);

    QVERIFY(!packed);
    QVERIFY2(packed.error().message.contains(tree(file) + u'”'),
             qPrintable(packed.error().message));
    QVERIFY2(packed.error().message.contains(named), qPrintable(packed.error().message));
    QCOMPARE(left(), QStringList(u"a.zip"_s));
    QCOMPARE(contentOf(archive()), QByteArray("the archive of yesterday"));
}

void tst_PayloadWriter::whatCannotBeReadIsAClearSentence()
{
    put(u"readable"_s, "x");
    put(u"secret"_s, "x", 0000);
    QVERIFY(chmod(QFile::encodeName(m_folder->path()).constData(), 0755) == 0);
    QVERIFY(chmod(QFile::encodeName(path(u"out"_s)).constData(), 0777) == 0);
    QProcess process;
    process.setChildProcessModifier([] { // root may read everything
        constexpr uid_t nobody = 65534;
        if (getuid() == 0
            && (setgroups(0, nullptr) != 0 || setgid(nobody) != 0 || setuid(nobody) != 0))
            _exit(99);
    });
    process.start(QStringLiteral(ENTRACTE_COMMAND),
                  {u"pack"_s, path(u"tree"_s), u"-o"_s, archive()});
    QVERIFY(process.waitForFinished());

    const QString said = QString::fromUtf8(process.readAllStandardError());
    QVERIFY2(said.contains(u"secret”: "_s) && said.contains(systemReply(EACCES)), qPrintable(said));
    QCOMPARE(process.exitCode(), 14);
    QCOMPARE(left(), QStringList());
}

void tst_PayloadWriter::theArchiveMayNotLieInItsFolder()
{
    put(u"a/b"_s, "x");
    const Result<PayloadWriter> writer = PayloadWriter::open(path(u"tree"_s));
    QVERIFY(writer);
    WorkerJob::Context context;

    QVERIFY(!writer->write(tree(u"a.zip"_s), {}, context));
    QVERIFY(!writer->write(tree(u"a/a.zip"_s), {}, context));
    QVERIFY(writer->write(path(u"tree.zip"_s), {}, context));
}

void tst_PayloadWriter::cancellingLeavesNothing()
{
    putSampleTree();
    Result<> ended;
    WorkerJob job([this](WorkerJob::Context &context) -> Result<> {
        const Result<PayloadWriter> writer = PayloadWriter::open(path(u"tree"_s));
        if (!writer)
            return writer.error();
        while (!context.isCancelled())
            std::this_thread::yield();
        const Result<PayloadWriter::Summary> summary = writer->write(archive(), {}, context);
        return summary ? Result<>() : summary.error();
    });
    bool isOver = false;
    connect(&job, &Job::finished, this, [&](const Result<> &result) {
        ended = result;
        isOver = true;
    });
    job.start();

    job.cancel();

    QTRY_VERIFY(isOver);
    QVERIFY(!ended);
    QCOMPARE(ended.error().code, ErrorCode::Cancelled);
    QCOMPARE(left(), QStringList());
}

void tst_PayloadWriter::emptyFoldersCanBePacked()
{
    QVERIFY(pack());

    const Result<std::shared_ptr<const PayloadArchive>> made = PayloadArchive::open(archive());
    QVERIFY2(made, made ? "" : qPrintable(made.error().message));
    QCOMPARE((*made)->entries().size(), 0);
}

void tst_PayloadWriter::manyEntriesNeedZip64()
{
    constexpr int files = 0xffff; // with the index one too many
    for (int i = 0; i < files; ++i) {
        const QByteArray name = QFile::encodeName(tree()) + QByteArray::number(i);
        const int fd = open(name.constData(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
        QVERIFY(fd >= 0);
        close(fd);
    }

    QVERIFY(pack());

    const Result<std::shared_ptr<const PayloadArchive>> made = PayloadArchive::open(archive());
    QVERIFY2(made, made ? "" : qPrintable(made.error().message));
    QCOMPARE((*made)->entries().size(), files);
    for (const QString &program : {u"unzip"_s, u"7z"_s}) {
        if (QStandardPaths::findExecutable(program).isEmpty())
            continue;
        QProcess process;
        process.start(program, {program == "7z"_L1 ? u"t"_s : u"-tqq"_s, archive()});
        QVERIFY(process.waitForFinished(60'000));
        QVERIFY2(process.exitCode() == 0, process.readAllStandardOutput().constData());
    }
}

/// A minute and 9 GB of disk for the second row: part of `tests/run --all` only, which sets
/// ENTRACTE_HUGE_TESTS.
void tst_PayloadWriter::hugeEntriesNeedZip64_data()
{
    QTest::addColumn<bool>("isNoise");

    if (qEnvironmentVariableIsEmpty("ENTRACTE_HUGE_TESTS"))
        return;
    QTest::newRow("sparse") << false;
    QTest::newRow("noise, and what is far behind it") << true;
}

void tst_PayloadWriter::hugeEntriesNeedZip64()
{
    if (!QTest::currentDataTag())
        return; // no rows today
    QFETCH(bool, isNoise);
    constexpr qint64 size = (qint64(1) << 32) + 12'345;
    put(u"a huge one"_s, {});
    QFile file(tree(u"a huge one"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    if (isNoise) {
        const QByteArray block = noise(1 << 24);
        for (qint64 left = size; left > 0; left -= block.size())
            QVERIFY(file.write(block.constData(), std::min<qint64>(left, block.size())) > 0);
    } else {
        QVERIFY(file.resize(size));
    }
    file.close();
    put(u"behind it"_s, "hello");

    const Result<PayloadWriter::Summary> packed = pack();

    QVERIFY2(packed, packed ? "" : qPrintable(packed.error().message));
    const Result<std::shared_ptr<const PayloadArchive>> made = PayloadArchive::open(archive());
    QVERIFY2(made, made ? "" : qPrintable(made.error().message));
    EntryReader reader;
    qint64 delivered = 0;
    for (const PayloadEntry &entry : (*made)->entries()) {
        const Result<> read = reader.read(**made, entry, [&delivered](QByteArrayView block) {
            delivered += block.size();
            return Result<>();
        });
        QVERIFY2(read, read ? "" : qPrintable(read.error().message));
    }
    QCOMPARE(delivered, size + 5);
    QCOMPARE((*made)->entries().last().offset > size, isNoise);
    for (const QString &command : {u"unzip -tqq \"$0\""_s, u"7z t \"$0\""_s, u"bsdtar -tf \"$0\""_s,
                                   u"python3 -m zipfile -t \"$0\""_s}) {
        if (QStandardPaths::findExecutable(command.section(u' ', 0, 0)).isEmpty())
            continue;
        QProcess process;
        process.start(u"sh"_s, {u"-c"_s, command, archive()});
        QVERIFY(process.waitForFinished(300'000));
        QVERIFY2(process.exitCode() == 0, process.readAllStandardOutput().constData());
    }
}

void tst_PayloadWriter::theCommandPacks()
{
    putSampleTree();
    const auto run = [this](const QStringList &arguments, const QString &epoch = {}) {
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(u"LC_ALL"_s, u"C.UTF-8"_s);
        environment.remove(u"SOURCE_DATE_EPOCH"_s);
        if (!epoch.isEmpty())
            environment.insert(u"SOURCE_DATE_EPOCH"_s, epoch);
        process.setProcessEnvironment(environment);
        process.setWorkingDirectory(m_folder->path());
        process.start(QStringLiteral(ENTRACTE_COMMAND), QStringList(u"pack"_s) + arguments);
        return process.waitForFinished() ? process.exitCode() : -1;
    };
    QVERIFY(pack());
    const QByteArray expected = contentOf(archive());

    QCOMPARE(run({u"tree"_s, u"-o"_s, u"b.zip"_s}), 0);
    QVERIFY(contentOf(path(u"b.zip"_s)) == expected);
    QCOMPARE(run({u"-o"_s, u"b.zip"_s, u"tree/"_s}, u"1700000000"_s), 0);
    QVERIFY(contentOf(path(u"b.zip"_s)) != expected);
    QCOMPARE(run({u"tree"_s, u"-o"_s, u"c.zip"_s}, u"yesterday"_s), 2);
    QCOMPARE(run({u"tree"_s}), 2);
    QCOMPARE(run({u"tree"_s, u"-o"_s}), 2);
    QCOMPARE(run({u"missing"_s, u"-o"_s, u"c.zip"_s}), 1);
    QVERIFY(!QFileInfo::exists(path(u"c.zip"_s)));
}

QTEST_GUILESS_MAIN(tst_PayloadWriter)
#include "tst_payloadwriter.moc"
