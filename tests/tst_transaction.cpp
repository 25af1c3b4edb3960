// SPDX-License-Identifier: MIT
#include "support/faultshim.h"
#include "support/sampletree.h"
#include "support/treehash.h"
#include "transaction/directory.h"
#include "transaction/workplace.h"

#include <QCryptographicHash>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <cerrno>
#include <grp.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace Entracte;
using namespace Qt::StringLiterals;
using Call = FaultShim::Call;

class tst_Transaction : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void firstInstallPutsTheTreeInPlace();
    void missingParentsAreMadeAndUnmade();
    void updateReplacesKeepsAndRemoves();
    void foreignFilesStay();
    void foreignFilesSavedWhileStagingStay();
    void filesSavedInTheInstantOfTheSwapStay();
    void filesSavedAfterTheSwapAreNotOverwritten();
    void ownedFilesEditedMeanwhileAreSaved();
    void editedFilesAreBackedUp();
    void aFolderInTheWayKeepsWhatItHolds();
    void anEditedFileThatIsKeptStays_data();
    void anEditedFileThatIsKeptStays();
    void whatIsSavedIntoAKeptFileMeanwhileIsInIt_data();
    void whatIsSavedIntoAKeptFileMeanwhileIsInIt();
    void whatWasToBeKeptAndIsGoneIsNamed_data();
    void whatWasToBeKeptAndIsGoneIsNamed();
    void whoMayNotGoOnLeavesNothing();
    void modesAreExact();
    void anExchangeThatFailsGoesFileByFile();
    void whenNothingCanBeRenamedNothingChanges();
    void rollBackAfterCommitRestoresTheOldTree();
    void rollBackAfterFirstInstallLeavesNothing();
    void rollBackKeepsWhatWasSavedMeanwhile();
    void destructionRollsBack();
    void aDeadOwnerIsRecovered_data();
    void aDeadOwnerIsRecovered();
    void aDeadOwnerOfALaterVersionIsRecovered_data();
    void aDeadOwnerOfALaterVersionIsRecovered();
    void whoDiesTidyingUpAnUndoneSwapLeavesTheOldVersion_data();
    void whoDiesTidyingUpAnUndoneSwapLeavesTheOldVersion();
    void halfAHeaderMeansNothingHadBegun();
    void recoverDoesNothingWhenThereIsNothing();
    void aLiveOwnerIsNotDisturbed();
    void aFullVolumeIsNoticedBeforeAnything();
    void aForbiddenFolderIsNamed();
    void aTargetThatIsAFileIsRefused();
    void mountsInTheOldTreeAreNotCrossed();

private:
    enum class Until { Begun, Staged, Exchanged, Committed, Closed };

    QString path(const QString &name) const { return m_directory->filePath(name); }
    QString target(const QString &name = {}) const
    {
        return path(u"app"_s) + (name.isEmpty() ? QString() : u'/' + name);
    }

    /// What a plan is made of.
    struct Place
    {
        PayloadEntry entry;
    };
    struct Keep
    {
        PayloadEntry entry;
    };
    struct Make
    {
        QString folder;
        int mode = 0755;
    };
    struct Remove
    {
        QString path;
    };
    using Step = std::variant<Place, Keep, Make, Remove, BackUp>;

    /// The test's archive is the entry itself: its bytes stand where an entry has the archive's
    /// name.
    static Place place(const QString &name, const QByteArray &bytes, int mode = 0644)
    {
        PayloadEntry entry = SampleTree::entry(name, bytes, mode);
        entry.archive = QString::fromUtf8(bytes);
        return {entry};
    }

    InstallPlan plan(const QList<Step> &steps) const { return planFor(target(), steps); }

    InstallPlan planFor(const QString &directory, const QList<Step> &steps) const
    {
        InstallPlan made;
        made.productId = u"org.example.aurora"_s;
        made.version = QVersionNumber(2);
        made.targetDirectory = directory;
        made.bytesToWrite = 100;
        for (const Step &step : steps) {
            if (const auto *placed = std::get_if<Place>(&step))
                made.place(placed->entry);
            else if (const auto *kept = std::get_if<Keep>(&step))
                made.keep(kept->entry);
            else if (const auto *folder = std::get_if<Make>(&step))
                made.createDirectory(SampleTree::folder(folder->folder, folder->mode));
            else if (const auto *removed = std::get_if<Remove>(&step))
                made.remove(removed->path);
            else if (const auto *saved = std::get_if<BackUp>(&step))
                made.backUp(saved->path, saved->backupPath);
        }
        made.formerPaths = QSet<QString>(made.removed.cbegin(), made.removed.cend());
        if (const Result<Directory> there = Directory::open(directory)) {
            for (const QString &path : made.ownedPaths()) {
                if (const std::optional<FileStatus> status = there->status(path))
                    made.seen.insert(path, status->stamp);
            }
        }
        return made;
    }

    /// Version 1 owns bin/run, same, gone/old.
    InstallPlan firstVersion() const
    {
        return plan({place(u"bin/run"_s, "one", 0755), place(u"gone/old"_s, "old"),
                     place(u"same"_s, "same")});
    }

    /// Version 2 replaces bin/run, keeps same, drops gone/old, brings lib/new.
    InstallPlan secondVersion(const QList<Step> &more = {}) const
    {
        return plan(more
                    + QList<Step>{place(u"bin/run"_s, "two", 0755), place(u"lib/new"_s, "new"),
                                  keep(u"same"_s, "same"), Remove{u"gone/old"_s}});
    }

    static Keep keep(const QString &name, const QByteArray &bytes)
    {
        PayloadEntry entry = SampleTree::entry(name, bytes);
        entry.sha256 = QCryptographicHash::hash(bytes, QCryptographicHash::Sha256);
        return {entry};
    }

    /// Begins and stages everything that \a plan says.
    static Result<std::unique_ptr<Transaction>> staged(const InstallPlan &plan)
    {
        Result<std::unique_ptr<Transaction>> begun = Transaction::begin(plan);
        if (!begun)
            return begun;
        const Result<> done = stage(**begun, plan);
        if (!done)
            return done.error();
        return begun;
    }

    static Result<> stage(Transaction &transaction, const InstallPlan &plan)
    {
        {
            const std::unique_ptr<Transaction::Stager> stager = transaction.stager();
            for (const Operation &operation : plan.operations) {
                const auto *placed = std::get_if<PlaceEntry>(&operation);
                if (!placed || plan.of(*placed).kind != EntryKind::File)
                    continue;
                if (const Result<> done = put(*stager, plan.of(*placed)); !done)
                    return done;
            }
        }
        return transaction.finishStaging();
    }

    static Result<> put(Transaction::Stager &stager, const PayloadEntry &entry)
    {
        const QByteArray bytes = entry.archive.toUtf8();
        Result<> done = stager.begin(entry);
        if (done)
            done = stager.write(bytes);
        return done ? stager.end(QCryptographicHash::hash(bytes, QCryptographicHash::Sha256))
                    : done;
    }

    /// Version 1, and three foreign things beside.
    bool installFirstVersion()
    {
        const Result<std::unique_ptr<Transaction>> transaction = staged(firstVersion());
        return transaction && (*transaction)->commit() && (*transaction)->close()
            && SampleTree::put(target(u"user/notes.txt"_s), "mine")
            && SampleTree::put(target(u"bin/plugin"_s), "theirs")
            && QFile::link(u"nowhere"_s, target(u"user/link"_s));
    }

    bool isSecondVersion() const
    {
        return SampleTree::bytesOf(target(u"bin/run"_s)) == "two"
            && SampleTree::bytesOf(target(u"lib/new"_s)) == "new"
            && SampleTree::bytesOf(target(u"same"_s)) == "same" && !QFile::exists(target(u"gone"_s))
            && foreignIsThere();
    }

    bool foreignIsThere() const
    {
        return SampleTree::bytesOf(target(u"user/notes.txt"_s)) == "mine"
            && SampleTree::bytesOf(target(u"bin/plugin"_s)) == "theirs"
            && QFileInfo(target(u"user/link"_s)).isSymLink();
    }

    bool nothingIsBeside() const
    {
        return SampleTree::namesIn(m_directory->path()) == QStringList{u"app"_s};
    }

    std::unique_ptr<QTemporaryDir> m_directory;
};

void tst_Transaction::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    FaultShim::reset();
    FaultShim::onlyBelow(m_directory->path().toStdString());
}

void tst_Transaction::firstInstallPutsTheTreeInPlace()
{
    const Result<std::unique_ptr<Transaction>> begun =
        staged(plan({place(u"bin/run"_s, "one", 0755)}));
    QVERIFY2(begun, begun ? "" : qPrintable(begun.error().message));
    QVERIFY(!QFile::exists(target()));

    QVERIFY((*begun)->commit());
    QVERIFY((*begun)->close());

    QCOMPARE(SampleTree::bytesOf(target(u"bin/run"_s)), QByteArray("one"));
    QCOMPARE(SampleTree::modeOf(target()), 0755);
    QCOMPARE(SampleTree::modeOf(target(u"bin"_s)), 0755);
    QVERIFY(nothingIsBeside());
    const Result<std::optional<Receipt>> receipt = ReceiptFile::read(target());
    QVERIFY(receipt && *receipt);
    QCOMPARE((*receipt)->productId, u"org.example.aurora"_s);
    QCOMPARE((*receipt)->files[u"bin/run"_s].sha256,
             QCryptographicHash::hash("one", QCryptographicHash::Sha256));
}

void tst_Transaction::missingParentsAreMadeAndUnmade()
{
    const InstallPlan deep = planFor(path(u"x/y/app"_s), {place(u"a"_s, "a")});
    {
        const Result<std::unique_ptr<Transaction>> begun = Transaction::begin(deep);
        QVERIFY(begun);
        QVERIFY(QFile::exists(path(u"x/y"_s)));
        QVERIFY((*begun)->rollBack());
    }
    QVERIFY(SampleTree::namesIn(m_directory->path()).isEmpty());

    const Result<std::unique_ptr<Transaction>> begun = staged(deep);
    QVERIFY(begun);
    QVERIFY((*begun)->commit() && (*begun)->close());

    QCOMPARE(SampleTree::bytesOf(path(u"x/y/app/a"_s)), QByteArray("a"));
}

void tst_Transaction::updateReplacesKeepsAndRemoves()
{
    QVERIFY(installFirstVersion());
    const ino_t kept = SampleTree::inodeOf(target(u"same"_s));
    const ino_t replaced = SampleTree::inodeOf(target(u"bin/run"_s));

    const Result<std::unique_ptr<Transaction>> begun = staged(secondVersion());
    QVERIFY(begun);
    const Result<> committed = (*begun)->commit();
    QVERIFY2(committed, committed ? "" : qPrintable(committed.error().message));
    QVERIFY((*begun)->close());

    QVERIFY(isSecondVersion());
    QCOMPARE(SampleTree::inodeOf(target(u"same"_s)), kept);
    QVERIFY(SampleTree::inodeOf(target(u"bin/run"_s)) != replaced);
    QVERIFY(nothingIsBeside());
}

void tst_Transaction::foreignFilesStay()
{
    QVERIFY(installFirstVersion());
    QVERIFY(SampleTree::put(target(u"gone/users"_s), "mine too"));
    QVERIFY(QDir().mkdir(target(u"empty"_s)));
    QFile::setPermissions(target(u"empty"_s), QFile::ReadOwner | QFile::ExeOwner);
    const ino_t notes = SampleTree::inodeOf(target(u"user/notes.txt"_s));

    const Result<std::unique_ptr<Transaction>> begun = staged(secondVersion());
    QVERIFY(begun && (*begun)->commit() && (*begun)->close());

    QVERIFY(foreignIsThere());
    QCOMPARE(SampleTree::inodeOf(target(u"user/notes.txt"_s)), notes);
    QCOMPARE(SampleTree::bytesOf(target(u"gone/users"_s)), QByteArray("mine too"));
    QVERIFY(!QFile::exists(target(u"gone/old"_s)));
    QCOMPARE(SampleTree::modeOf(target(u"empty"_s)), 0500);
}

void tst_Transaction::foreignFilesSavedWhileStagingStay()
{
    QVERIFY(installFirstVersion());
    const Result<std::unique_ptr<Transaction>> begun = staged(secondVersion());
    QVERIFY(begun);

    QVERIFY(SampleTree::put(target(u"user/new.txt"_s), "just now"));
    QVERIFY(SampleTree::putByRename(target(u"user/notes.txt"_s), "saved again"));
    QVERIFY((*begun)->commit() && (*begun)->close());

    QCOMPARE(SampleTree::bytesOf(target(u"user/new.txt"_s)), QByteArray("just now"));
    QCOMPARE(SampleTree::bytesOf(target(u"user/notes.txt"_s)), QByteArray("saved again"));
}

void tst_Transaction::filesSavedInTheInstantOfTheSwapStay()
{
    QVERIFY(installFirstVersion());
    const Result<std::unique_ptr<Transaction>> begun = staged(secondVersion());
    QVERIFY(begun);
    FaultShim::before(Call::Renameat2, FaultShim::count(Call::Renameat2) + 1, [this] {
        SampleTree::put(target(u"user/late.txt"_s), "late");
        SampleTree::putByRename(target(u"user/notes.txt"_s), "saved late");
        SampleTree::put(target(u"fresh/deep/file"_s), "fresh");
    });

    QVERIFY((*begun)->commit() && (*begun)->close());

    QCOMPARE(SampleTree::bytesOf(target(u"user/late.txt"_s)), QByteArray("late"));
    QCOMPARE(SampleTree::bytesOf(target(u"user/notes.txt"_s)), QByteArray("saved late"));
    QCOMPARE(SampleTree::bytesOf(target(u"fresh/deep/file"_s)), QByteArray("fresh"));
    QCOMPARE(SampleTree::namesIn(target(u"user"_s)).size(), 3);
    QVERIFY(nothingIsBeside());
}

void tst_Transaction::filesSavedAfterTheSwapAreNotOverwritten()
{
    QVERIFY(installFirstVersion());
    const Result<std::unique_ptr<Transaction>> begun = staged(secondVersion());
    QVERIFY(begun && (*begun)->commit());

    QVERIFY(SampleTree::putByRename(target(u"user/notes.txt"_s), "after the swap"));
    QVERIFY(QFile::remove(target(u"bin/plugin"_s)));
    QVERIFY((*begun)->close());

    QCOMPARE(SampleTree::bytesOf(target(u"user/notes.txt"_s)), QByteArray("after the swap"));
    QVERIFY(!QFile::exists(target(u"bin/plugin"_s)));
}

void tst_Transaction::ownedFilesEditedMeanwhileAreSaved()
{
    QVERIFY(installFirstVersion());
    const Result<std::unique_ptr<Transaction>> begun = staged(secondVersion());
    QVERIFY(begun);

    QVERIFY(SampleTree::putByRename(target(u"bin/run"_s), "edited meanwhile"));
    QVERIFY((*begun)->commit() && (*begun)->close());

    QVERIFY(isSecondVersion());
    QCOMPARE(SampleTree::bytesOf(target(u"bin/run.saved"_s)), QByteArray("edited meanwhile"));
}

void tst_Transaction::editedFilesAreBackedUp()
{
    QVERIFY(installFirstVersion());
    QVERIFY(SampleTree::put(target(u"bin/run"_s), "edited by somebody"));

    const Result<std::unique_ptr<Transaction>> begun =
        staged(secondVersion({BackUp{u"bin/run"_s, u"bin/run.orig"_s}}));
    QVERIFY(begun && (*begun)->commit() && (*begun)->close());

    QVERIFY(isSecondVersion());
    QCOMPARE(SampleTree::bytesOf(target(u"bin/run.orig"_s)), QByteArray("edited by somebody"));
    QCOMPARE(SampleTree::namesIn(target(u"bin"_s)).size(), 3);
}

void tst_Transaction::aFolderInTheWayKeepsWhatItHolds()
{
    QVERIFY(installFirstVersion());
    QVERIFY(SampleTree::put(target(u"lib/new/deep/letter"_s), "somebody's"));
    QVERIFY(QDir().mkdir(target(u"lib/new/empty"_s)));
    const QByteArray before = treeHash(target());
    const InstallPlan plan = secondVersion({BackUp{u"lib/new"_s, u"lib/new.saved"_s}});

    const Result<std::unique_ptr<Transaction>> undone = staged(plan);
    QVERIFY2(undone, undone ? "" : qPrintable(undone.error().message));
    QVERIFY((*undone)->commit() && (*undone)->rollBack());
    QCOMPARE(treeHash(target()), before);

    const Result<std::unique_ptr<Transaction>> done = staged(plan);
    QVERIFY(done && (*done)->commit() && (*done)->close());
    QVERIFY(isSecondVersion());
    QCOMPARE(SampleTree::bytesOf(target(u"lib/new.saved/deep/letter"_s)), QByteArray("somebody's"));
    QVERIFY(QFileInfo(target(u"lib/new.saved/empty"_s)).isDir());
    QVERIFY(nothingIsBeside());
}

void tst_Transaction::anEditedFileThatIsKeptStays_data()
{
    QTest::addColumn<bool>("isPerFile");
    QTest::newRow("whole tree") << false;
    QTest::newRow("file by file") << true;
}

void tst_Transaction::anEditedFileThatIsKeptStays()
{
    QFETCH(const bool, isPerFile);
    QVERIFY(installFirstVersion());
    QVERIFY(SampleTree::put(target(u"bin/run"_s), "edited"));
    const ino_t inode = SampleTree::inodeOf(target(u"bin/run"_s));
    const QByteArray before = treeHash(target());
    InstallPlan plan = secondVersion({BackUp{u"bin/run"_s, u"bin/run.saved"_s}});
    plan.keepEdited(u"bin/run"_s, u"bin/run.new"_s);

    for (const bool isUndone : {true, false}) {
        if (isPerFile) // the volume seems to exchange nothing
            FaultShim::fail(Call::Renameat2, FaultShim::count(Call::Renameat2) + 1, EINVAL);
        const Result<std::unique_ptr<Transaction>> begun = staged(plan);
        QVERIFY2(begun, begun ? "" : qPrintable(begun.error().message));
        QCOMPARE((*begun)->isPerFile(), isPerFile);
        QVERIFY((*begun)->commit());
        QVERIFY(SampleTree::bytesOf(target(u"bin/run.new"_s)) == "two");
        QVERIFY(isUndone ? (*begun)->rollBack() : (*begun)->close());
        QCOMPARE(treeHash(target()) == before, isUndone);
    }

    QCOMPARE(SampleTree::bytesOf(target(u"bin/run"_s)), QByteArray("edited"));
    QCOMPARE(SampleTree::inodeOf(target(u"bin/run"_s)), inode);
    QVERIFY(!QFile::exists(target(u"bin/run.saved"_s)));
    const Result<std::optional<Receipt>> receipt = ReceiptFile::read(target());
    QVERIFY(receipt && *receipt);
    QCOMPARE((*receipt)->files[u"bin/run"_s].sha256,
             QCryptographicHash::hash("two", QCryptographicHash::Sha256));
    QCOMPARE((*receipt)->files[u"bin/run"_s].modified, 0);
    QVERIFY((*receipt)->files[u"bin/run.new"_s].modified != 0);
}

void tst_Transaction::whatIsSavedIntoAKeptFileMeanwhileIsInIt_data()
{
    anEditedFileThatIsKeptStays_data();
}

void tst_Transaction::whatIsSavedIntoAKeptFileMeanwhileIsInIt()
{
    QFETCH(const bool, isPerFile);
    QVERIFY(installFirstVersion());
    QVERIFY(SampleTree::put(target(u"bin/run"_s), "edited"));
    InstallPlan plan = secondVersion({BackUp{u"bin/run"_s, u"bin/run.saved"_s}});
    plan.keepEdited(u"bin/run"_s, u"bin/run.new"_s);
    const auto isKept = [this](const QByteArray &bytes) {
        return SampleTree::bytesOf(target(u"bin/run"_s)) == bytes
            && SampleTree::namesIn(target(u"bin"_s)).filter(u"saved"_s).isEmpty();
    };

    for (const bool isUndone : {true, false}) {
        if (isPerFile)
            FaultShim::fail(Call::Renameat2, FaultShim::count(Call::Renameat2) + 1, EINVAL);
        const Result<std::unique_ptr<Transaction>> begun = staged(plan);
        QVERIFY(begun);
        QVERIFY(SampleTree::putByRename(target(u"bin/run"_s), "edited while staged"));
        QVERIFY((*begun)->commit());
        QVERIFY(isKept("edited while staged"));
        QVERIFY(SampleTree::putByRename(target(u"bin/run"_s), "edited after the swap"));
        QVERIFY(isUndone ? (*begun)->rollBack() : (*begun)->close());
        QVERIFY(isKept("edited after the swap"));
    }
}

void tst_Transaction::whatWasToBeKeptAndIsGoneIsNamed_data()
{
    QTest::addColumn<QString>("gone");
    QTest::addColumn<QString>("named");
    QTest::addColumn<bool>("isReplacedByALink");

    const QString file = u"deep/folder/same"_s;
    QTest::newRow("the file") << file << file << false;
    QTest::newRow("its folder") << u"deep"_s << file << false;
    QTest::newRow("its folder, a link instead") << u"deep"_s << file << true;
    QTest::newRow("everything") << QString() << u"app"_s << false;
}

void tst_Transaction::whatWasToBeKeptAndIsGoneIsNamed()
{
    QFETCH(QString, gone);
    QFETCH(QString, named);
    QFETCH(bool, isReplacedByALink);
    const QString file = u"deep/folder/same"_s;
    const Result<std::unique_ptr<Transaction>> first = staged(plan({place(file, "same")}));
    QVERIFY(first && (*first)->commit() && (*first)->close());
    const InstallPlan update = plan({place(u"new"_s, "new"), keep(file, "same")});
    QVERIFY(QFile::rename(target(gone), path(u"elsewhere"_s)));
    if (isReplacedByALink)
        QVERIFY(QFile::link(path(u"elsewhere"_s), target(gone)));

    const Result<std::unique_ptr<Transaction>> begun = staged(update);

    QVERIFY(!begun);
    QVERIFY2(begun.error().message.contains(named), qPrintable(begun.error().message));
    QVERIFY(!QFile::exists(target(u"new"_s)));
    QVERIFY(!QFile::exists(WorkPlace::pathOf(WorkPlace::Kind::Beside, target())));
}

void tst_Transaction::whoMayNotGoOnLeavesNothing()
{
    QVERIFY(installFirstVersion());
    const QByteArray before = treeHash(target());
    std::atomic<int> asked = 0;
    const auto stopAt = [&asked](int number) {
        asked = 0;
        return [&asked, number]() -> Result<> {
            return ++asked < number ? Result<>() : Error{ErrorCode::Cancelled, u"Enough."_s};
        };
    };
    QVERIFY(Transaction::begin(secondVersion(), Transaction::Durability::Synced, stopAt(1000)));
    const int times = asked;
    QVERIFY(times >= 3); // the tree, and two folders in it

    for (int number = 1; number <= times; ++number) {
        const Result<std::unique_ptr<Transaction>> begun =
            Transaction::begin(secondVersion(), Transaction::Durability::Synced, stopAt(number));

        QVERIFY(!begun);
        QCOMPARE(begun.error().code, ErrorCode::Cancelled);
        QCOMPARE(treeHash(target()), before);
        QVERIFY(nothingIsBeside());
    }
}

void tst_Transaction::modesAreExact()
{
    PayloadEntry link = SampleTree::entry(u"link"_s, {});
    link.kind = EntryKind::SymbolicLink;
    link.linkTarget = u"closed/open"_s;
    const Result<std::unique_ptr<Transaction>> begun =
        staged(plan({Make{u"closed"_s, 0555}, Make{u"private"_s, 0700},
                     place(u"closed/open"_s, "x", 0666), Place{link}}));
    QVERIFY(begun && (*begun)->commit() && (*begun)->close());

    QCOMPARE(SampleTree::modeOf(target(u"closed"_s)), 0555);
    QCOMPARE(SampleTree::modeOf(target(u"private"_s)), 0700);
    QCOMPARE(SampleTree::modeOf(target(u"closed/open"_s)), 0666);
    QCOMPARE(SampleTree::bytesOf(target(u"link"_s)), QByteArray("x"));
}

void tst_Transaction::anExchangeThatFailsGoesFileByFile()
{
    QVERIFY(installFirstVersion());
    const Result<std::unique_ptr<Transaction>> begun = staged(secondVersion());
    QVERIFY(begun && !(*begun)->isPerFile());
    FaultShim::fail(Call::Renameat2, FaultShim::count(Call::Renameat2) + 1, EBUSY);

    const Result<> committed = (*begun)->commit();

    QVERIFY2(committed, committed ? "" : qPrintable(committed.error().message));
    QCOMPARE(FaultShim::hitCount(), 1);
    QVERIFY((*begun)->isPerFile() && (*begun)->close());
    QVERIFY(isSecondVersion());
    QVERIFY(nothingIsBeside());
}

void tst_Transaction::whenNothingCanBeRenamedNothingChanges()
{
    QVERIFY(installFirstVersion());
    const QByteArray before = treeHash(target());
    const Result<std::unique_ptr<Transaction>> begun = staged(secondVersion());
    QVERIFY(begun);
    FaultShim::fail(Call::Renameat2, FaultShim::count(Call::Renameat2) + 1, EIO,
                    FaultShim::Lasting::FromThenOn);

    const Result<> committed = (*begun)->commit();
    FaultShim::reset();
    QVERIFY(!committed);
    QVERIFY2(committed.error().message.contains(target()), qPrintable(committed.error().message));
    QVERIFY((*begun)->rollBack());

    QCOMPARE(treeHash(target()), before);
    QVERIFY(nothingIsBeside());
}

void tst_Transaction::rollBackAfterCommitRestoresTheOldTree()
{
    QVERIFY(installFirstVersion());
    const QByteArray before = treeHash(target());
    const Result<std::unique_ptr<Transaction>> begun =
        staged(secondVersion({BackUp{u"bin/run"_s, u"bin/run.orig"_s}}));
    QVERIFY(begun && (*begun)->commit());
    QVERIFY(isSecondVersion());

    const Result<> undone = (*begun)->rollBack();
    QVERIFY2(undone, undone ? "" : qPrintable(undone.error().message));

    QCOMPARE(treeHash(target()), before);
    QVERIFY(nothingIsBeside());
}

void tst_Transaction::rollBackAfterFirstInstallLeavesNothing()
{
    const Result<std::unique_ptr<Transaction>> begun = staged(firstVersion());
    QVERIFY(begun && (*begun)->commit());

    QVERIFY((*begun)->rollBack());

    QVERIFY(SampleTree::namesIn(m_directory->path()).isEmpty());
}

void tst_Transaction::rollBackKeepsWhatWasSavedMeanwhile()
{
    QVERIFY(installFirstVersion());
    const Result<std::unique_ptr<Transaction>> begun = staged(secondVersion());
    QVERIFY(begun && (*begun)->commit());
    QVERIFY(SampleTree::putByRename(target(u"user/notes.txt"_s), "after the swap"));
    QVERIFY(SampleTree::put(target(u"user/more.txt"_s), "more"));

    QVERIFY((*begun)->rollBack());

    QCOMPARE(SampleTree::bytesOf(target(u"bin/run"_s)), QByteArray("one"));
    QCOMPARE(SampleTree::bytesOf(target(u"user/notes.txt"_s)), QByteArray("after the swap"));
    QCOMPARE(SampleTree::bytesOf(target(u"user/more.txt"_s)), QByteArray("more"));
    QVERIFY(nothingIsBeside());
}

void tst_Transaction::destructionRollsBack()
{
    QVERIFY(installFirstVersion());
    const QByteArray before = treeHash(target());

    {
        const Result<std::unique_ptr<Transaction>> begun = staged(secondVersion());
        QVERIFY(begun);
    }

    QCOMPARE(treeHash(target()), before);
    QVERIFY(nothingIsBeside());
}

void tst_Transaction::aDeadOwnerIsRecovered_data()
{
    QTest::addColumn<Until>("until");
    QTest::addColumn<bool>("isFirst");

    QTest::newRow("begun") << Until::Begun << false;
    QTest::newRow("staged") << Until::Staged << false;
    QTest::newRow("just swapped") << Until::Exchanged << false;
    QTest::newRow("committed") << Until::Committed << false;
    QTest::newRow("closed") << Until::Closed << false;
    QTest::newRow("first, begun") << Until::Begun << true;
    QTest::newRow("first, staged") << Until::Staged << true;
    QTest::newRow("first, committed") << Until::Committed << true;
}

void tst_Transaction::aDeadOwnerIsRecovered()
{
    QFETCH(Until, until);
    QFETCH(bool, isFirst);
    if (!isFirst)
        QVERIFY(installFirstVersion());
    const QByteArray before = treeHash(target());

    const pid_t child = ::fork();
    if (child == 0) {
        const auto die = [](bool asPlanned) { ::_exit(asPlanned ? 0 : 1); };
        const InstallPlan made =
            isFirst ? plan({place(u"bin/run"_s, "two", 0755)}) : secondVersion();
        const Result<std::unique_ptr<Transaction>> begun = Transaction::begin(made);
        if (!begun || until == Until::Begun)
            die(bool(begun));
        if (!stage(**begun, made))
            die(false);
        if (until == Until::Staged)
            die(true);
        if (until == Until::Exchanged) {
            // Somebody saves just before the swap; the owner dies just after it.
            const int next = FaultShim::count(Call::Renameat2) + 1;
            FaultShim::before(Call::Renameat2, next,
                              [this] { SampleTree::put(target(u"user/late.txt"_s), "late"); });
            FaultShim::after(Call::Renameat2, next, [&die] { die(true); });
        }
        if (!(*begun)->commit() || until == Until::Exchanged)
            die(false);
        if (until == Until::Committed)
            die(true);
        die(bool((*begun)->close()));
    }
    int status = 0;
    QCOMPARE(::waitpid(child, &status, 0), child);
    QCOMPARE(status, 0);

    QVERIFY(Transaction::recover(target()));
    QVERIFY(Transaction::recover(target()));

    QVERIFY(!QFile::exists(WorkPlace::pathOf(WorkPlace::Kind::Beside, target())));
    if (until == Until::Begun || until == Until::Staged)
        QCOMPARE(treeHash(target()), before);
    else if (isFirst)
        QCOMPARE(SampleTree::bytesOf(target(u"bin/run"_s)), QByteArray("two"));
    else
        QVERIFY(isSecondVersion());
    if (until == Until::Exchanged)
        QCOMPARE(SampleTree::bytesOf(target(u"user/late.txt"_s)), QByteArray("late"));
}

void tst_Transaction::aDeadOwnerOfALaterVersionIsRecovered_data()
{
    QTest::addColumn<Until>("until");
    QTest::newRow("staged") << Until::Staged;
    QTest::newRow("committed") << Until::Committed;
}

void tst_Transaction::aDeadOwnerOfALaterVersionIsRecovered()
{
    QFETCH(const Until, until);
    QVERIFY(installFirstVersion());
    const QByteArray before = treeHash(target());
    const pid_t child = ::fork();
    if (child == 0) {
        const Result<std::unique_ptr<Transaction>> begun = staged(secondVersion());
        const bool isRight = begun && (until == Until::Staged || (*begun)->commit());
        ::_exit(isRight ? 0 : 1);
    }
    int status = 0;
    QCOMPARE(::waitpid(child, &status, 0), child);
    QCOMPARE(status, 0);
    // The same file, as a later version would have written it: a higher minor number, a field more
    // in the first line, a kind of line that this version does not know.
    const QString fileName =
        WorkPlace::pathOf(WorkPlace::Kind::Beside, target()) + u'/' + WorkPlace::journalName();
    QList<QByteArray> lines = SampleTree::bytesOf(fileName).split('\n');
    const QByteArray header = lines.first().left(lines.first().lastIndexOf(" #"));
    QVERIFY(header.startsWith("entracte 1.1 "));
    lines[0] = SampleTree::journalLine("entracte 1.9 " + header.mid(13) + " colour=blue");
    lines.insert(2, SampleTree::journalLine("weather fine %"));
    QVERIFY(SampleTree::put(fileName, lines.join('\n')));

    const Result<> recovered = Transaction::recover(target());

    QVERIFY2(recovered, recovered ? "" : qPrintable(recovered.error().message));
    QVERIFY(nothingIsBeside());
    if (until == Until::Staged)
        QCOMPARE(treeHash(target()), before);
    else
        QVERIFY(isSecondVersion());
    const Result<std::optional<Receipt>> receipt = ReceiptFile::read(target());
    QVERIFY(receipt && *receipt);
}

void tst_Transaction::whoDiesTidyingUpAnUndoneSwapLeavesTheOldVersion_data()
{
    QTest::addColumn<int>("unlinks");
    for (int unlinks = 1; unlinks <= 4; ++unlinks)
        QTest::addRow("%d", unlinks) << unlinks;
}

void tst_Transaction::whoDiesTidyingUpAnUndoneSwapLeavesTheOldVersion()
{
    QFETCH(const int, unlinks);
    QVERIFY(installFirstVersion());
    const QByteArray before = treeHash(target());
    const pid_t child = ::fork();
    if (child == 0) {
        const Result<std::unique_ptr<Transaction>> begun = staged(secondVersion());
        FaultShim::fail(Call::Renameat2, FaultShim::count(Call::Renameat2) + 1, EBUSY);
        if (!begun || !(*begun)->commit() || !(*begun)->isPerFile())
            ::_exit(1);
        FaultShim::arrange(Call::Unlinkat, FaultShim::count(Call::Unlinkat) + unlinks,
                           FaultShim::Fault::KillBefore);
        ::_exit((*begun)->rollBack() ? 2 : 3);
    }
    int status = 0;
    QCOMPARE(::waitpid(child, &status, 0), child);
    QVERIFY2(WIFSIGNALED(status), qPrintable(QString::number(status)));

    const Result<> recovered = Transaction::recover(target());

    QVERIFY2(recovered, recovered ? "" : qPrintable(recovered.error().message));
    QCOMPARE(treeHash(target()), before);
    QVERIFY(nothingIsBeside());
}

void tst_Transaction::halfAHeaderMeansNothingHadBegun()
{
    QVERIFY(installFirstVersion());
    const QByteArray before = treeHash(target());
    QVERIFY(SampleTree::put(WorkPlace::pathOf(WorkPlace::Kind::Beside, target()) + "/journal"_L1,
                            "{\"form"));

    QVERIFY(Transaction::recover(target()));

    QCOMPARE(treeHash(target()), before);
    QVERIFY(nothingIsBeside());
}

void tst_Transaction::recoverDoesNothingWhenThereIsNothing()
{
    QVERIFY(Transaction::recover(target()));
    QVERIFY(SampleTree::namesIn(m_directory->path()).isEmpty());
}

void tst_Transaction::aLiveOwnerIsNotDisturbed()
{
    const Result<std::unique_ptr<Transaction>> begun = Transaction::begin(firstVersion());
    QVERIFY(begun);

    const Result<std::unique_ptr<Transaction>> second = Transaction::begin(firstVersion());
    const Result<> recovered = Transaction::recover(target());

    QVERIFY(!second && !recovered);
    QCOMPARE(second.error().code, ErrorCode::AlreadyRunning);
    QCOMPARE(recovered.error().code, ErrorCode::AlreadyRunning);
    QVERIFY(stage(**begun, firstVersion()) && (*begun)->commit() && (*begun)->close());
}

void tst_Transaction::aFullVolumeIsNoticedBeforeAnything()
{
    const QString volume = path(u"volume"_s);
    QVERIFY(QDir().mkdir(volume));
    if (::mount("tmpfs", QFile::encodeName(volume).constData(), "tmpfs", 0, "size=4m") != 0)
        QSKIP("mounting a small tmpfs needs root");
    InstallPlan big = firstVersion();
    big.targetDirectory = volume + "/x/app"_L1;
    big.bytesToWrite = 8 * 1024 * 1024;

    const Result<std::unique_ptr<Transaction>> begun = Transaction::begin(big);
    const QStringList left = SampleTree::namesIn(volume);
    ::umount(QFile::encodeName(volume).constData());

    QVERIFY(!begun);
    QCOMPARE(begun.error().code, ErrorCode::NoSpace);
    QVERIFY2(begun.error().message.contains(u"9.0"_s), qPrintable(begun.error().message));
    QVERIFY2(begun.error().message.contains(u"4.0"_s), qPrintable(begun.error().message));
    QVERIFY(left.isEmpty());
}

void tst_Transaction::aForbiddenFolderIsNamed()
{
    if (::geteuid() != 0)
        QSKIP("becoming another user needs root");
    QFile::setPermissions(m_directory->path(), QFile::ReadOther | QFile::ExeOther | QFile::ReadOwner
                                                   | QFile::WriteOwner | QFile::ExeOwner);

    const pid_t child = ::fork();
    if (child == 0) {
        if (::setgroups(0, nullptr) != 0 || ::setgid(65534) != 0 || ::setuid(65534) != 0)
            ::_exit(1);
        const Result<std::unique_ptr<Transaction>> begun = Transaction::begin(firstVersion());
        const bool isNamed = !begun && begun.error().code == ErrorCode::PermissionDenied
                          && begun.error().message.contains(u'“' + m_directory->path() + u'”');
        ::_exit(isNamed ? 0 : 2);
    }
    int status = 0;
    QCOMPARE(::waitpid(child, &status, 0), child);

    QCOMPARE(status, 0);
    QVERIFY(SampleTree::namesIn(m_directory->path()).isEmpty());
}

void tst_Transaction::aTargetThatIsAFileIsRefused()
{
    QVERIFY(SampleTree::put(target(), "a file"));

    const Result<std::unique_ptr<Transaction>> begun = Transaction::begin(firstVersion());

    QVERIFY(!begun);
    QVERIFY(begun.error().message.contains(target()));
    QCOMPARE(SampleTree::bytesOf(target()), QByteArray("a file"));
    QVERIFY(nothingIsBeside());
}

void tst_Transaction::mountsInTheOldTreeAreNotCrossed()
{
    const QString tree = path(u"tree"_s);
    const QString mounted = tree + "/mounted"_L1;
    const QString elsewhere = path(u"elsewhere"_s);
    QVERIFY(SampleTree::put(elsewhere + "/precious"_L1, "precious") && QDir().mkpath(mounted));
    if (::mount(QFile::encodeName(elsewhere).constData(), QFile::encodeName(mounted).constData(),
                nullptr, MS_BIND, nullptr)
        != 0)
        QSKIP("a bind mount needs root");

    Result<Directory> directory = Directory::open(m_directory->path());
    QVERIFY(directory);
    const Result<> removed = directory->removeTree(u"tree"_s);
    ::umount(QFile::encodeName(mounted).constData());

    QVERIFY(!removed);
    QVERIFY(removed.error().message.contains(mounted));
    QCOMPARE(SampleTree::bytesOf(elsewhere + "/precious"_L1), QByteArray("precious"));
}

QTEST_GUILESS_MAIN(tst_Transaction)
#include "tst_transaction.moc"
