// SPDX-License-Identifier: MIT
#include "payload/payloadarchive.h"
#include "payload/payloadextractor.h"
#include "payload/payloadsurvey.h"
#include "plan/planner.h"
#include "support/faultshim.h"
#include "support/manualclock.h"
#include "support/samplepayload.h"
#include "support/sampletree.h"
#include "support/treehash.h"

#include <QCryptographicHash>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>

using namespace Entracte;
using namespace Qt::StringLiterals;

class tst_PayloadExtractor : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void payloadIsStagedThenPausedThenFinished();
    void progressReachesTheTotal();
    void keptFilesAreInTheReceipt();
    void cancelBeforeThePauseLeavesNothing();
    void cancelWhilePausedLeavesNothing();
    void damagedPayloadLeavesNothing();
    void beginErrorsArePassedOn();
    void editedFilesAreMerged();
    void whatIsNotMergedIsKept_data();
    void whatIsNotMergedIsKept();
    void aMergeThatNeverEndsIsEnded();
    void cancelEndsAMerge();
    void fromVersionToVersionAnEditedFileStays();
    void whatStandsBesideAKeptFileIsNotLost();
    void surveyTellsUnchangedFromEdited();
    void surveyFindsWhatStandsBesideEditedFiles();
    void surveyTakesAFolderInPlaceOfAFileForSomebodyElses();
    void surveyChecksTheDigest();
    void surveySkipsWhatIsNotChosen();
    void surveyDoesNotLookThroughLinks();

private:
    QString path(const QString &name) const { return m_directory->filePath(name); }
    QString target(const QString &name = {}) const
    {
        return path(u"app"_s) + (name.isEmpty() ? QString() : u'/' + name);
    }

    bool pack(const QList<SamplePayload::Entry> &entries) const
    {
        return SamplePayload::write(path(u"a.zip"_s), entries);
    }

    /// Everything in a.zip, placed; \a kept are kept instead.
    InstallPlan planForArchive(const QStringList &kept = {}) const
    {
        InstallPlan plan;
        plan.productId = u"org.example.aurora"_s;
        plan.version = QVersionNumber(1);
        plan.targetDirectory = target();
        const Result<std::shared_ptr<const PayloadArchive>> archive =
            PayloadArchive::open(path(u"a.zip"_s));
        if (!archive)
            return plan;
        m_archives = {*archive};
        for (const PayloadEntry &entry : (*archive)->entries()) {
            plan.bytesToWrite += entry.size;
            if (entry.kind == EntryKind::Directory)
                plan.createDirectory(entry);
            else if (kept.contains(entry.path))
                plan.keep(entry);
            else
                plan.place(entry);
        }
        return plan;
    }

    Manifest manifest() const
    {
        Manifest made;
        made.product.id = u"org.example.aurora"_s;
        made.product.version = QVersionNumber(1);
        Component component;
        component.payload = path(u"a.zip"_s);
        made.components = {component};
        return made;
    }

    /// An executable shell script that says \a lines.
    QString script(const QByteArray &lines) const
    {
        const QString name = path(u"merge"_s);
        SampleTree::put(name, "#!/bin/sh\n" + lines + '\n');
        QFile::setPermissions(name, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        return name;
    }

    /// The installed etc/main.ini was edited; a.zip brings another. The plan merges by \a program.
    Result<InstallPlan> planToMerge(const QString &program)
    {
        InstalledFile file;
        file.size = 3;
        file.sha256 = QCryptographicHash::hash("one", QCryptographicHash::Sha256);
        if (!pack({SamplePayload::file(u"etc/main.ini"_s, "two", 0640)})
            || !SampleTree::put(target(u"etc/main.ini"_s), "edited")
            || !SampleTree::putReceipt(target(), {{u"etc/main.ini"_s, file}}))
            return Error{ErrorCode::Failed, u"could not be arranged"_s};
        Manifest merging = manifest();
        merging.editedFiles = {{u"etc/*"_s, EditedFilePolicy::Merge, program}};
        return planFor(merging);
    }

    Result<InstallPlan> planFor(const Manifest &of) const
    {
        const Result<PayloadSurvey> taken = survey(of);
        if (!taken)
            return taken.error();
        m_archives = taken->archives;
        return Planner::plan(of, {target(), false}, taken->installed, taken->entries);
    }

    /// Installs what \a plan says.
    bool install(const InstallPlan &plan) const
    {
        PayloadExtractor extractor(plan, m_archives);
        const QSignalSpy paused(&extractor, &PayloadExtractor::paused);
        extractor.start();
        return QTest::qWaitFor([&] { return !paused.isEmpty(); })
            && extractor.transaction()->commit() && extractor.transaction()->close();
    }

    static QByteArray sha256(const QByteArray &bytes)
    {
        return QCryptographicHash::hash(bytes, QCryptographicHash::Sha256);
    }

    Result<PayloadSurvey> survey(const Manifest &of) const
    {
        WorkerJob::Context context;
        return PayloadSurvey::take(of, target(), context);
    }

    std::unique_ptr<QTemporaryDir> m_directory;
    mutable QList<std::shared_ptr<const PayloadArchive>> m_archives; ///< of the last plan
};

/// The outcome in \a spy, which has exactly one.
static Result<> outcome(const QSignalSpy &spy)
{
    return spy.first().first().value<Result<>>();
}

void tst_PayloadExtractor::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    FaultShim::reset();
    m_archives.clear();
}

void tst_PayloadExtractor::payloadIsStagedThenPausedThenFinished()
{
    QVERIFY(pack({SamplePayload::directory(u"bin"_s, 0750),
                  SamplePayload::file(u"bin/run"_s, "run", 0755),
                  SamplePayload::link(u"start"_s, "bin/run")}));
    PayloadExtractor extractor(planForArchive(), m_archives);
    const QSignalSpy paused(&extractor, &PayloadExtractor::paused);
    const QSignalSpy finished(&extractor, &Job::finished);

    extractor.start();
    QVERIFY(!extractor.transaction());
    QTRY_COMPARE(paused.size(), 1);
    QVERIFY(extractor.isPaused() && extractor.transaction() && finished.isEmpty());
    QVERIFY(!QFile::exists(target()));
    extractor.resume();
    QTRY_COMPARE(finished.size(), 1);
    QVERIFY(outcome(finished));
    QVERIFY(extractor.transaction()->commit() && extractor.transaction()->close());

    QCOMPARE(SampleTree::bytesOf(target(u"start"_s)), QByteArray("run"));
    QCOMPARE(SampleTree::modeOf(target(u"bin"_s)), 0750);
    QCOMPARE(SampleTree::modeOf(target(u"bin/run"_s)), 0755);
}

void tst_PayloadExtractor::progressReachesTheTotal()
{
    QVERIFY(pack({SamplePayload::file(u"a"_s, QByteArray(3'000'000, 'a')),
                  SamplePayload::file(u"b"_s, "b")}));
    PayloadExtractor extractor(planForArchive(), m_archives);
    const QSignalSpy progress(&extractor, &Job::progressChanged);
    const QSignalSpy paused(&extractor, &PayloadExtractor::paused);

    extractor.start();
    QTRY_COMPARE(paused.size(), 1);

    QCOMPARE(progress.last().at(0).toLongLong(), 3'000'001);
    QCOMPARE(progress.last().at(1).toLongLong(), 3'000'001);
}

void tst_PayloadExtractor::keptFilesAreInTheReceipt()
{
    QVERIFY(pack({SamplePayload::file(u"same"_s, "same"), SamplePayload::file(u"new"_s, "new")}));
    QVERIFY(SampleTree::put(target(u"same"_s), "same"));
    const ino_t inode = SampleTree::inodeOf(target(u"same"_s));
    InstallPlan plan = planForArchive({u"same"_s});
    for (PayloadEntry &entry : plan.entries) {
        if (entry.path == u"same"_s)
            entry.sha256 = QCryptographicHash::hash("same", QCryptographicHash::Sha256);
    }
    PayloadExtractor extractor(plan, m_archives);
    const QSignalSpy paused(&extractor, &PayloadExtractor::paused);

    extractor.start();
    QTRY_COMPARE(paused.size(), 1);
    QVERIFY(extractor.transaction()->commit() && extractor.transaction()->close());

    QCOMPARE(SampleTree::inodeOf(target(u"same"_s)), inode);
    const Result<std::optional<Receipt>> receipt = ReceiptFile::read(target());
    QVERIFY(receipt && *receipt);
    for (const QString &name : {u"same"_s, u"new"_s})
        QCOMPARE((*receipt)->files[name].sha256,
                 QCryptographicHash::hash(name.toLatin1(), QCryptographicHash::Sha256));
}

void tst_PayloadExtractor::cancelBeforeThePauseLeavesNothing()
{
    QVERIFY(pack({SamplePayload::file(u"a"_s, QByteArray(30'000'000, 'a'))}));
    PayloadExtractor extractor(planForArchive(), m_archives);
    const QSignalSpy finished(&extractor, &Job::finished);
    const QSignalSpy paused(&extractor, &PayloadExtractor::paused);

    extractor.start();
    extractor.cancel();
    QTRY_COMPARE(finished.size(), 1);

    QCOMPARE(outcome(finished).error().code, ErrorCode::Cancelled);
    QVERIFY(paused.isEmpty() && !extractor.transaction());
    QCOMPARE(SampleTree::namesIn(m_directory->path()), QStringList{u"a.zip"_s});
}

void tst_PayloadExtractor::cancelWhilePausedLeavesNothing()
{
    QVERIFY(pack({SamplePayload::file(u"a"_s, "a")}));
    QVERIFY(SampleTree::put(target(u"mine"_s), "mine"));
    const QByteArray before = treeHash(m_directory->path());
    PayloadExtractor extractor(planForArchive(), m_archives);
    const QSignalSpy finished(&extractor, &Job::finished);
    // From within the signal: the hardest moment.
    connect(&extractor, &PayloadExtractor::paused, &extractor, &Job::cancel);

    extractor.start();
    QTRY_COMPARE(finished.size(), 1);

    QCOMPARE(outcome(finished).error().code, ErrorCode::Cancelled);
    QVERIFY(!extractor.transaction());
    QCOMPARE(treeHash(m_directory->path()), before);
}

void tst_PayloadExtractor::damagedPayloadLeavesNothing()
{
    QVERIFY(
        pack({SamplePayload::file(u"good"_s, "good"), {u"bad"_s, "the right bytes", 0100644, 0}}));
    QVERIFY(SamplePayload::patch(path(u"a.zip"_s), "the right bytes", "the wrong bytes"));
    PayloadExtractor extractor(planForArchive(), m_archives);
    const QSignalSpy finished(&extractor, &Job::finished);

    extractor.start();
    QTRY_COMPARE(finished.size(), 1);

    QCOMPARE(outcome(finished).error().code, ErrorCode::BadPayload);
    QVERIFY(outcome(finished).error().message.contains(u"bad"_s));
    QCOMPARE(SampleTree::namesIn(m_directory->path()), QStringList{u"a.zip"_s});
}

void tst_PayloadExtractor::beginErrorsArePassedOn()
{
    QVERIFY(pack({SamplePayload::file(u"a"_s, "a")}));
    FaultShim::onlyBelow(m_directory->path().toStdString());
    FaultShim::fail(FaultShim::Call::Mkdirat, 1, ENOSPC);
    PayloadExtractor extractor(planForArchive(), m_archives);
    const QSignalSpy finished(&extractor, &Job::finished);

    extractor.start();
    QTRY_COMPARE(finished.size(), 1);

    QCOMPARE(outcome(finished).error().code, ErrorCode::NoSpace);
}

void tst_PayloadExtractor::editedFilesAreMerged()
{
    // It also spoils its copy of the edited file: that must not matter.
    const Result<InstallPlan> plan =
        planToMerge(script("cat \"$1\" \"$2\" > \"$3\"; echo spoilt > \"$1\""));
    QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));

    QVERIFY(install(*plan));

    QCOMPARE(SampleTree::bytesOf(target(u"etc/main.ini"_s)), QByteArray("editedtwo"));
    QCOMPARE(SampleTree::modeOf(target(u"etc/main.ini"_s)), 0640);
    QCOMPARE(SampleTree::bytesOf(target(u"etc/main.ini.saved"_s)), QByteArray("edited"));
    QVERIFY(!QFile::exists(target(u"etc/main.ini.new"_s)));
    const Result<std::optional<Receipt>> receipt = ReceiptFile::read(target());
    QVERIFY(receipt && *receipt);
    QCOMPARE((*receipt)->files[u"etc/main.ini"_s].sha256, sha256("two"));
    const Result<PayloadSurvey> next = survey(manifest());
    QVERIFY(next && next->installed.edited.contains(u"etc/main.ini"_s));
}

void tst_PayloadExtractor::whatIsNotMergedIsKept_data()
{
    QTest::addColumn<QByteArray>("lines");
    QTest::addColumn<QString>("reason");
    QTest::newRow("it refuses") << QByteArray("echo x > \"$3\"; exit 3") << u"status 3"_s;
    QTest::newRow("it leaves nothing") << QByteArray("exit 0") << u"left no result"_s;
    QTest::newRow("it leaves a link")
        << QByteArray("ln -s /etc/passwd \"$3\"") << u"left no result"_s;
    QTest::newRow("it dies") << QByteArray("kill -9 $$") << u"ended by a signal"_s;
    QTest::newRow("it cannot be started") << QByteArray() << u"could not be started"_s;
}

void tst_PayloadExtractor::whatIsNotMergedIsKept()
{
    QFETCH(const QByteArray, lines);
    QFETCH(const QString, reason);
    const Result<InstallPlan> plan =
        planToMerge(lines.isEmpty() ? path(u"missing"_s) : script(lines));
    QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
    PayloadExtractor extractor(*plan, m_archives);
    const QSignalSpy paused(&extractor, &PayloadExtractor::paused);
    const QSignalSpy noted(&extractor, &PayloadExtractor::noted);

    extractor.start();
    QTRY_COMPARE(paused.size(), 1);
    QVERIFY(extractor.transaction()->commit() && extractor.transaction()->close());

    QCOMPARE(noted.size(), 1);
    const QString note = noted.first().first().toString();
    QVERIFY2(note.contains(reason) && note.contains(u"etc/main.ini"_s), qPrintable(note));
    QVERIFY(extractor.plan().merges.isEmpty());
    QCOMPARE(SampleTree::bytesOf(target(u"etc/main.ini"_s)), QByteArray("edited"));
    QCOMPARE(SampleTree::bytesOf(target(u"etc/main.ini.new"_s)), QByteArray("two"));
    QVERIFY(!QFile::exists(target(u"etc/main.ini.saved"_s)));
}

void tst_PayloadExtractor::aMergeThatNeverEndsIsEnded()
{
    /// Between two looks at it a minute passes.
    class HurryingClock final : public ManualClock
    {
    public:
        std::chrono::milliseconds now() const override { return std::chrono::minutes(++m_looks); }

    private:
        mutable std::atomic<int> m_looks = 0;
    };
    const Result<InstallPlan> plan = planToMerge(script("exec sleep 600"));
    QVERIFY(plan);
    PayloadExtractor extractor(*plan, m_archives, std::make_shared<HurryingClock>());
    const QSignalSpy paused(&extractor, &PayloadExtractor::paused);
    const QSignalSpy noted(&extractor, &PayloadExtractor::noted);

    extractor.start();
    QTRY_COMPARE(paused.size(), 1);

    QCOMPARE(noted.size(), 1);
    QVERIFY(noted.first().first().toString().contains(u"did not end within 60"_s));
}

void tst_PayloadExtractor::cancelEndsAMerge()
{
    const Result<InstallPlan> plan =
        planToMerge(script("touch '" + path(u"begun"_s).toUtf8() + "'; exec sleep 600"));
    QVERIFY(plan);
    const QByteArray before = treeHash(target());
    PayloadExtractor extractor(*plan, m_archives);
    const QSignalSpy finished(&extractor, &Job::finished);

    extractor.start();
    QTRY_VERIFY(QFile::exists(path(u"begun"_s)));
    extractor.cancel();
    QTRY_COMPARE(finished.size(), 1);

    QCOMPARE(outcome(finished).error().code, ErrorCode::Cancelled);
    QCOMPARE(treeHash(target()), before);
}

void tst_PayloadExtractor::fromVersionToVersionAnEditedFileStays()
{
    Manifest keeping = manifest();
    keeping.editedFiles = {{u"*.conf"_s, EditedFilePolicy::Keep, {}}};
    const auto update = [&](const QByteArray &bytes) {
        QFile::remove(path(u"a.zip"_s));
        const bool isPacked = pack({SamplePayload::file(u"a.conf"_s, bytes)});
        const Result<InstallPlan> plan = isPacked ? planFor(keeping) : Error{};
        return plan && install(*plan);
    };
    const auto is = [&](const QByteArray &bytes, const QByteArray &beside) {
        return SampleTree::bytesOf(target(u"a.conf"_s)) == bytes
            && SampleTree::bytesOf(target(u"a.conf.new"_s)) == beside;
    };
    QVERIFY(update("one") && is("one", "(missing)"));
    QVERIFY(update("two") && is("two", "(missing)"));
    QVERIFY(SampleTree::put(target(u"a.conf"_s), "my"));

    QVERIFY(update("tri") && is("my", "tri"));
    // Of the size of what is offered: only its bytes tell that it is edited.
    QVERIFY(SampleTree::put(target(u"a.conf"_s), "mei"));
    QVERIFY(update("for") && is("mei", "for"));
    QVERIFY(update("for") && is("mei", "for"));
    QVERIFY(update("fiv") && is("mei", "fiv"));
    // The person takes the new one: the file is the product's again.
    QVERIFY(QFile::remove(target(u"a.conf"_s))
            && QFile::rename(target(u"a.conf.new"_s), target(u"a.conf"_s)));
    QVERIFY(update("six") && is("six", "(missing)"));
    // Or edits it to what comes next.
    QVERIFY(SampleTree::put(target(u"a.conf"_s), "eight"));
    QVERIFY(update("seven") && is("eight", "seven"));
    QVERIFY(update("eight") && is("eight", "(missing)"));

    QCOMPARE(SampleTree::namesIn(target()), (QStringList{u".entracte"_s, u"a.conf"_s}));
}

void tst_PayloadExtractor::whatStandsBesideAKeptFileIsNotLost()
{
    QVERIFY(pack({SamplePayload::file(u"a"_s, "two"), SamplePayload::file(u"b"_s, "two")}));
    for (const QString &name : {u"a"_s, u"a.new"_s, u"b"_s, u"b.saved"_s})
        QVERIFY(SampleTree::put(target(name), "mine"));
    Manifest keeping = manifest();
    keeping.editedFiles = {{u"a"_s, EditedFilePolicy::Keep, {}}};
    const Result<InstallPlan> plan = planFor(keeping);
    QVERIFY(plan);

    QVERIFY(install(*plan));

    for (const QString &name : {u"a"_s, u"a.new"_s, u"b.saved"_s, u"b.saved-2"_s})
        QCOMPARE(SampleTree::bytesOf(target(name)), QByteArray("mine"));
    QCOMPARE(SampleTree::bytesOf(target(u"a.new-2"_s)), QByteArray("two"));
    QCOMPARE(SampleTree::bytesOf(target(u"b"_s)), QByteArray("two"));
}

void tst_PayloadExtractor::surveyTellsUnchangedFromEdited()
{
    QVERIFY(pack({SamplePayload::file(u"same"_s, "same"), SamplePayload::file(u"ours"_s, "two"),
                  SamplePayload::file(u"edited"_s, "two"), SamplePayload::file(u"foreign"_s, "two"),
                  SamplePayload::file(u"new"_s, "new"), SamplePayload::file(u"mode"_s, "m", 0755),
                  SamplePayload::directory(u"folder"_s)}));
    QMap<QString, InstalledFile> files;
    const auto install = [&](const QString &name, const QByteArray &recorded,
                             const QByteArray &onDisk) {
        InstalledFile &file = files[name];
        file.size = recorded.size();
        file.mode = 0644;
        file.sha256 = QCryptographicHash::hash(recorded, QCryptographicHash::Sha256);
        return SampleTree::put(target(name), onDisk);
    };
    QVERIFY(install(u"same"_s, "same", "same") && install(u"ours"_s, "one", "one")
            && install(u"edited"_s, "one", "uno") && install(u"mode"_s, "m", "m")
            && install(u"removed"_s, "old", "old") && install(u"removedEdited"_s, "old", "olD"));
    QVERIFY(SampleTree::put(target(u"foreign"_s), "mine") && QDir().mkdir(target(u"folder"_s)));
    QVERIFY(SampleTree::putReceipt(target(), files));
    const QByteArray before = treeHash(target());

    const Result<PayloadSurvey> taken = survey(manifest());

    QVERIFY2(taken, taken ? "" : qPrintable(taken.error().message));
    QVERIFY(taken->installed.isInstalled);
    QCOMPARE(taken->entries.size(), 7);
    QCOMPARE(taken->installed.unchanged, (QSet<QString>{u"same"_s, u"folder"_s}));
    QCOMPARE(taken->installed.edited,
             (QSet<QString>{u"edited"_s, u"foreign"_s, u"removedEdited"_s}));
    const QStringList present = taken->installed.present.keys();
    QCOMPARE(QSet<QString>(present.begin(), present.end()),
             (QSet<QString>{u"same"_s, u"ours"_s, u"edited"_s, u"foreign"_s, u"mode"_s, u"folder"_s,
                            u"removed"_s, u"removedEdited"_s}));
    QCOMPARE(treeHash(target()), before);
}

void tst_PayloadExtractor::surveyFindsWhatStandsBesideEditedFiles()
{
    QVERIFY(pack({SamplePayload::file(u"a"_s, "two")}));
    QVERIFY(SampleTree::put(target(u"a"_s), "mine") && SampleTree::put(target(u"a.saved"_s), "1")
            && SampleTree::put(target(u"a.saved-2"_s), "2")
            && SampleTree::put(target(u"a.new"_s), "3"));

    const Result<PayloadSurvey> taken = survey(manifest());

    QVERIFY(taken);
    QCOMPARE(taken->installed.edited, QSet<QString>{u"a"_s});
    QCOMPARE(taken->installed.present.keys(), QStringList{u"a"_s});
    QCOMPARE(taken->installed.besideEdited,
             (QSet<QString>{u"a.saved"_s, u"a.saved-2"_s, u"a.new"_s}));
}

void tst_PayloadExtractor::surveyTakesAFolderInPlaceOfAFileForSomebodyElses()
{
    // The new version needs a folder of that name too, but does not name it.
    QVERIFY(pack({SamplePayload::directory(u"a/b"_s), SamplePayload::file(u"a/b/c"_s, "two")}));
    InstalledFile file;
    file.size = 3;
    file.mode = 0644;
    file.sha256 = QCryptographicHash::hash("one", QCryptographicHash::Sha256);
    QVERIFY(SampleTree::put(target(u"a/mine"_s), "mine"));
    QVERIFY(SampleTree::putReceipt(target(), {{u"a"_s, file}}));

    const Result<PayloadSurvey> taken = survey(manifest());

    QVERIFY2(taken, taken ? "" : qPrintable(taken.error().message));
    QCOMPARE(taken->installed.edited, QSet<QString>{u"a"_s});
}

void tst_PayloadExtractor::surveyChecksTheDigest()
{
    QVERIFY(pack({SamplePayload::file(u"a"_s, "a")}));
    Manifest right = manifest();
    right.components[0].sha256 =
        QCryptographicHash::hash(SampleTree::bytesOf(path(u"a.zip"_s)), QCryptographicHash::Sha256);
    Manifest wrong = manifest();
    wrong.components[0].sha256 = QByteArray(32, 'x');

    const Result<PayloadSurvey> accepted = survey(right);
    const Result<PayloadSurvey> refused = survey(wrong);

    QVERIFY(accepted && !refused);
    QCOMPARE(refused.error().code, ErrorCode::BadPayload);
    QVERIFY(refused.error().message.contains(path(u"a.zip"_s)));
}

void tst_PayloadExtractor::surveySkipsWhatIsNotChosen()
{
    QVERIFY(pack({SamplePayload::file(u"a"_s, "a")}));
    Manifest two = manifest();
    Component optional;
    optional.payload = path(u"missing.zip"_s);
    optional.selected = false;
    two.components.append(optional);

    const Result<PayloadSurvey> taken = survey(two);
    two.components[1].required = true;
    const Result<PayloadSurvey> refused = survey(two);

    QVERIFY(taken);
    QCOMPARE(taken->entries.size(), 1);
    QVERIFY(!refused);
}

void tst_PayloadExtractor::surveyDoesNotLookThroughLinks()
{
    QVERIFY(pack({SamplePayload::file(u"lib/a"_s, "a")}));
    QVERIFY(SampleTree::put(path(u"elsewhere/a"_s), "a") && QDir().mkdir(target()));
    QVERIFY(QFile::link(path(u"elsewhere"_s), target(u"lib"_s)));

    const Result<PayloadSurvey> taken = survey(manifest());

    QVERIFY(taken);
    QVERIFY(taken->installed.present.isEmpty() && taken->installed.unchanged.isEmpty());
}

QTEST_GUILESS_MAIN(tst_PayloadExtractor)
#include "tst_payloadextractor.moc"
