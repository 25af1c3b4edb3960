// SPDX-License-Identifier: MIT
#include "support/faultyfilesystem.h"
#include "support/sampletree.h"
#include "support/treehash.h"

#include <QCryptographicHash>
#include <QTemporaryDir>
#include <QTest>

#include <grp.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace Entracte;
using namespace Qt::StringLiterals;
using Call = FaultyFileSystem::Call;

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
    void modesAreExact();
    void failedExchangeChangesNothing();
    void anyFailingCallChangesNothing_data();
    void anyFailingCallChangesNothing();
    void rollBackAfterCommitRestoresTheOldTree();
    void rollBackAfterFirstInstallLeavesNothing();
    void rollBackKeepsWhatWasSavedMeanwhile();
    void destructionRollsBack();
    void aDeadOwnerIsRecovered_data();
    void aDeadOwnerIsRecovered();
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

    /// A plan that owns what the first version owns and what \a entries bring.
    InstallPlan plan(const QStringList &owned) const
    {
        InstallPlan made;
        made.productId = u"org.example.aurora"_s;
        made.version = QVersionNumber(2);
        made.targetDirectory = target();
        made.bytesToWrite = 100;
        made.ownedPaths = QSet<QString>(owned.begin(), owned.end());
        return made;
    }

    Result<std::unique_ptr<Transaction>> begin(const QStringList &owned) const
    {
        return Transaction::begin(m_files, plan(owned));
    }

    static Result<> stage(Transaction &transaction, const QString &name, const QByteArray &bytes,
                          int mode = 0644)
    {
        const Result<std::unique_ptr<QFileDevice>> file =
            transaction.createFile(SampleTree::entry(name, bytes, mode));
        if (!file)
            return file.error();
        (*file)->write(bytes);
        transaction.recordDigest(name, QCryptographicHash::hash(bytes, QCryptographicHash::Sha256));
        return {};
    }

    /// Version 1: owns bin/run, same, gone/old; three foreign things lie beside.
    bool installFirstVersion()
    {
        const Result<std::unique_ptr<Transaction>> begun = begin(m_owned);
        if (!begun)
            return false;
        Transaction &transaction = **begun;
        const bool staged = bool(stage(transaction, u"bin/run"_s, "one", 0755))
                         && stage(transaction, u"same"_s, "same")
                         && stage(transaction, u"gone/old"_s, "old") && transaction.finishStaging()
                         && transaction.commit() && transaction.close();
        return staged && SampleTree::put(target(u"user/notes.txt"_s), "mine")
            && SampleTree::put(target(u"bin/plugin"_s), "theirs")
            && QFile::link(u"nowhere"_s, target(u"user/link"_s));
    }

    /// Version 2: replaces bin/run, keeps same, drops gone/old, brings lib/new.
    static Result<> stageSecondVersion(Transaction &transaction)
    {
        if (const Result<> staged = stage(transaction, u"bin/run"_s, "two", 0755); !staged)
            return staged.error();
        if (const Result<> kept = transaction.keep(SampleTree::entry(u"same"_s, "same")); !kept)
            return kept.error();
        transaction.recordDigest(u"same"_s, QByteArray(32, 's'));
        if (const Result<> staged = stage(transaction, u"lib/new"_s, "new"); !staged)
            return staged.error();
        return transaction.finishStaging();
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

    const QStringList m_owned{u"bin/run"_s, u"same"_s, u"gone/old"_s, u"lib/new"_s};
    std::unique_ptr<QTemporaryDir> m_directory;
    std::shared_ptr<FaultyFileSystem> m_files;
};

void tst_Transaction::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    m_files = std::make_shared<FaultyFileSystem>();
}

void tst_Transaction::firstInstallPutsTheTreeInPlace()
{
    const Result<std::unique_ptr<Transaction>> begun = begin({u"bin/run"_s});
    QVERIFY2(begun, begun ? "" : qPrintable(begun.error().message));
    QVERIFY(stage(**begun, u"bin/run"_s, "one", 0755));
    QVERIFY((*begun)->finishStaging());
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
    InstallPlan deep = plan({u"a"_s});
    deep.targetDirectory = path(u"x/y/app"_s);
    {
        const Result<std::unique_ptr<Transaction>> begun = Transaction::begin(m_files, deep);
        QVERIFY(begun);
        QVERIFY(QFile::exists(path(u"x/y"_s)));
        QVERIFY((*begun)->rollBack());
    }
    QVERIFY(SampleTree::namesIn(m_directory->path()).isEmpty());

    const Result<std::unique_ptr<Transaction>> begun = Transaction::begin(m_files, deep);
    QVERIFY(begun && stage(**begun, u"a"_s, "a") && (*begun)->finishStaging());
    QVERIFY((*begun)->commit() && (*begun)->close());

    QCOMPARE(SampleTree::bytesOf(path(u"x/y/app/a"_s)), QByteArray("a"));
}

void tst_Transaction::updateReplacesKeepsAndRemoves()
{
    QVERIFY(installFirstVersion());
    const ino_t kept = SampleTree::inodeOf(target(u"same"_s));
    const ino_t replaced = SampleTree::inodeOf(target(u"bin/run"_s));

    const Result<std::unique_ptr<Transaction>> begun = begin(m_owned);
    QVERIFY(begun && stageSecondVersion(**begun));
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

    const Result<std::unique_ptr<Transaction>> begun = begin(m_owned);
    QVERIFY(begun && stageSecondVersion(**begun) && (*begun)->commit() && (*begun)->close());

    QVERIFY(foreignIsThere());
    QCOMPARE(SampleTree::inodeOf(target(u"user/notes.txt"_s)), notes);
    QCOMPARE(SampleTree::bytesOf(target(u"gone/users"_s)), QByteArray("mine too"));
    QVERIFY(!QFile::exists(target(u"gone/old"_s)));
    QCOMPARE(SampleTree::modeOf(target(u"empty"_s)), 0500);
}

void tst_Transaction::foreignFilesSavedWhileStagingStay()
{
    QVERIFY(installFirstVersion());
    const Result<std::unique_ptr<Transaction>> begun = begin(m_owned);
    QVERIFY(begun && stageSecondVersion(**begun));

    QVERIFY(SampleTree::put(target(u"user/new.txt"_s), "just now"));
    QVERIFY(SampleTree::putByRename(target(u"user/notes.txt"_s), "saved again"));
    QVERIFY((*begun)->commit() && (*begun)->close());

    QCOMPARE(SampleTree::bytesOf(target(u"user/new.txt"_s)), QByteArray("just now"));
    QCOMPARE(SampleTree::bytesOf(target(u"user/notes.txt"_s)), QByteArray("saved again"));
}

void tst_Transaction::filesSavedInTheInstantOfTheSwapStay()
{
    QVERIFY(installFirstVersion());
    const Result<std::unique_ptr<Transaction>> begun = begin(m_owned);
    QVERIFY(begun && stageSecondVersion(**begun));
    m_files->before(Call::Exchange, 1, [this] {
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
    const Result<std::unique_ptr<Transaction>> begun = begin(m_owned);
    QVERIFY(begun && stageSecondVersion(**begun) && (*begun)->commit());

    QVERIFY(SampleTree::putByRename(target(u"user/notes.txt"_s), "after the swap"));
    QVERIFY(QFile::remove(target(u"bin/plugin"_s)));
    QVERIFY((*begun)->close());

    QCOMPARE(SampleTree::bytesOf(target(u"user/notes.txt"_s)), QByteArray("after the swap"));
    QVERIFY(!QFile::exists(target(u"bin/plugin"_s)));
}

void tst_Transaction::ownedFilesEditedMeanwhileAreSaved()
{
    QVERIFY(installFirstVersion());
    const Result<std::unique_ptr<Transaction>> begun = begin(m_owned);
    QVERIFY(begun && stageSecondVersion(**begun));

    QVERIFY(SampleTree::putByRename(target(u"bin/run"_s), "edited meanwhile"));
    QVERIFY((*begun)->commit() && (*begun)->close());

    QVERIFY(isSecondVersion());
    QCOMPARE(SampleTree::bytesOf(target(u"bin/run.saved"_s)), QByteArray("edited meanwhile"));
}

void tst_Transaction::editedFilesAreBackedUp()
{
    QVERIFY(installFirstVersion());
    QVERIFY(SampleTree::put(target(u"bin/run"_s), "edited by somebody"));

    const Result<std::unique_ptr<Transaction>> begun = begin(m_owned);
    QVERIFY(begun);
    QVERIFY((*begun)->backUp({u"bin/run"_s, u"bin/run.orig"_s}));
    QVERIFY(stageSecondVersion(**begun) && (*begun)->commit() && (*begun)->close());

    QVERIFY(isSecondVersion());
    QCOMPARE(SampleTree::bytesOf(target(u"bin/run.orig"_s)), QByteArray("edited by somebody"));
    QCOMPARE(SampleTree::namesIn(target(u"bin"_s)).size(), 3);
}

void tst_Transaction::modesAreExact()
{
    const Result<std::unique_ptr<Transaction>> begun = begin({});
    QVERIFY(begun);
    QVERIFY((*begun)->createDirectory({u"closed"_s, 0555}));
    QVERIFY((*begun)->createDirectory({u"private"_s, 0700}));
    QVERIFY(stage(**begun, u"closed/open"_s, "x", 0666));
    QVERIFY((*begun)->createSymbolicLink([] {
        PayloadEntry link = SampleTree::entry(u"link"_s, {});
        link.kind = EntryKind::SymbolicLink;
        link.linkTarget = u"closed/open"_s;
        return link;
    }()));
    QVERIFY((*begun)->finishStaging() && (*begun)->commit() && (*begun)->close());

    QCOMPARE(SampleTree::modeOf(target(u"closed"_s)), 0555);
    QCOMPARE(SampleTree::modeOf(target(u"private"_s)), 0700);
    QCOMPARE(SampleTree::modeOf(target(u"closed/open"_s)), 0666);
    QCOMPARE(SampleTree::bytesOf(target(u"link"_s)), QByteArray("x"));
}

void tst_Transaction::failedExchangeChangesNothing()
{
    QVERIFY(installFirstVersion());
    const QByteArray before = treeHash(target());
    const Result<std::unique_ptr<Transaction>> begun = begin(m_owned);
    QVERIFY(begun && stageSecondVersion(**begun));
    m_files->fail(Call::Exchange, 1);

    const Result<> committed = (*begun)->commit();
    QVERIFY(!committed);
    QVERIFY((*begun)->rollBack());

    QCOMPARE(treeHash(target()), before);
    QVERIFY(nothingIsBeside());
}

void tst_Transaction::anyFailingCallChangesNothing_data()
{
    QTest::addColumn<Call>("call");
    QTest::addColumn<int>("number");

    const auto rows = [](const char *name, Call call, int most) {
        for (int number = 1; number <= most; ++number)
            QTest::addRow("%s %d", name, number) << call << number;
    };
    rows("createFile", Call::CreateFile, 3);
    rows("linkOrCopy", Call::LinkOrCopy, 4);
    rows("makeDirectory", Call::MakeDirectory, 4);
    rows("makeDirectoryLike", Call::MakeDirectoryLike, 2);
    rows("syncVolume", Call::SyncVolume, 1);
    rows("availableBytes", Call::AvailableBytes, 1);
    rows("lock", Call::Lock, 1);
}

void tst_Transaction::anyFailingCallChangesNothing()
{
    QFETCH(Call, call);
    QFETCH(int, number);
    QVERIFY(installFirstVersion());
    const QByteArray before = treeHash(target());
    m_files = std::make_shared<FaultyFileSystem>();
    m_files->fail(call, number);

    {
        const Result<std::unique_ptr<Transaction>> begun = begin(m_owned);
        const bool committed = begun && stageSecondVersion(**begun) && (*begun)->commit();
        QVERIFY(!committed);
    }

    QCOMPARE(treeHash(target()), before);
    QVERIFY(nothingIsBeside());
}

void tst_Transaction::rollBackAfterCommitRestoresTheOldTree()
{
    QVERIFY(installFirstVersion());
    const QByteArray before = treeHash(target());
    const Result<std::unique_ptr<Transaction>> begun = begin(m_owned);
    QVERIFY(begun && (*begun)->backUp({u"bin/run"_s, u"bin/run.orig"_s}));
    QVERIFY(stageSecondVersion(**begun) && (*begun)->commit());
    QVERIFY(isSecondVersion());

    const Result<> undone = (*begun)->rollBack();
    QVERIFY2(undone, undone ? "" : qPrintable(undone.error().message));

    QCOMPARE(treeHash(target()), before);
    QVERIFY(nothingIsBeside());
}

void tst_Transaction::rollBackAfterFirstInstallLeavesNothing()
{
    const Result<std::unique_ptr<Transaction>> begun = begin(m_owned);
    QVERIFY(begun && stage(**begun, u"bin/run"_s, "one") && (*begun)->finishStaging());
    QVERIFY((*begun)->commit());

    QVERIFY((*begun)->rollBack());

    QVERIFY(SampleTree::namesIn(m_directory->path()).isEmpty());
}

void tst_Transaction::rollBackKeepsWhatWasSavedMeanwhile()
{
    QVERIFY(installFirstVersion());
    const Result<std::unique_ptr<Transaction>> begun = begin(m_owned);
    QVERIFY(begun && stageSecondVersion(**begun) && (*begun)->commit());
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
        const Result<std::unique_ptr<Transaction>> begun = begin(m_owned);
        QVERIFY(begun && stageSecondVersion(**begun));
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
        auto files = std::make_shared<FaultyFileSystem>();
        if (until == Until::Exchanged) {
            // Somebody saves just before the swap; the owner dies just after it.
            files->before(Call::Exchange, 1,
                          [this] { SampleTree::put(target(u"user/late.txt"_s), "late"); });
            files->before(Call::LinkOrCopy, 5, [&die] { die(true); });
        }
        const Result<std::unique_ptr<Transaction>> begun = Transaction::begin(files, plan(m_owned));
        if (!begun || until == Until::Begun)
            die(bool(begun));
        const Result<> staged = isFirst ? stage(**begun, u"bin/run"_s, "two") : Result<>();
        if (!staged || !(isFirst ? (*begun)->finishStaging() : stageSecondVersion(**begun)))
            die(false);
        if (until == Until::Staged)
            die(true);
        if (!(*begun)->commit() || until == Until::Exchanged)
            die(false);
        if (until == Until::Committed)
            die(true);
        die(bool((*begun)->close()));
    }
    int status = 0;
    QCOMPARE(::waitpid(child, &status, 0), child);
    QCOMPARE(status, 0);

    QVERIFY(Transaction::recover(*m_files, target()));
    QVERIFY(Transaction::recover(*m_files, target()));

    QVERIFY(!QFile::exists(Transaction::workDirectoryFor(target())));
    if (until == Until::Begun || until == Until::Staged)
        QCOMPARE(treeHash(target()), before);
    else if (isFirst)
        QCOMPARE(SampleTree::bytesOf(target(u"bin/run"_s)), QByteArray("two"));
    else
        QVERIFY(isSecondVersion());
    if (until == Until::Exchanged)
        QCOMPARE(SampleTree::bytesOf(target(u"user/late.txt"_s)), QByteArray("late"));
}

void tst_Transaction::halfAHeaderMeansNothingHadBegun()
{
    QVERIFY(installFirstVersion());
    const QByteArray before = treeHash(target());
    QVERIFY(SampleTree::put(Transaction::workDirectoryFor(target()) + "/journal"_L1, "{\"form"));

    QVERIFY(Transaction::recover(*m_files, target()));

    QCOMPARE(treeHash(target()), before);
    QVERIFY(nothingIsBeside());
}

void tst_Transaction::recoverDoesNothingWhenThereIsNothing()
{
    QVERIFY(Transaction::recover(*m_files, target()));
    QVERIFY(SampleTree::namesIn(m_directory->path()).isEmpty());
}

void tst_Transaction::aLiveOwnerIsNotDisturbed()
{
    const Result<std::unique_ptr<Transaction>> begun = begin(m_owned);
    QVERIFY(begun);

    const Result<std::unique_ptr<Transaction>> second = begin(m_owned);
    const Result<> recovered = Transaction::recover(*m_files, target());

    QVERIFY(!second && !recovered);
    QCOMPARE(second.error().code, ErrorCode::AlreadyRunning);
    QCOMPARE(recovered.error().code, ErrorCode::AlreadyRunning);
    QVERIFY(stage(**begun, u"bin/run"_s, "one") && (*begun)->finishStaging());
    QVERIFY((*begun)->commit() && (*begun)->close());
}

void tst_Transaction::aFullVolumeIsNoticedBeforeAnything()
{
    const QString volume = path(u"volume"_s);
    QVERIFY(QDir().mkdir(volume));
    if (::mount("tmpfs", QFile::encodeName(volume).constData(), "tmpfs", 0, "size=4m") != 0)
        QSKIP("mounting a small tmpfs needs root");
    InstallPlan big = plan(m_owned);
    big.targetDirectory = volume + "/x/app"_L1;
    big.bytesToWrite = 8 * 1024 * 1024;

    const Result<std::unique_ptr<Transaction>> begun = Transaction::begin(m_files, big);
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
        const Result<std::unique_ptr<Transaction>> begun = begin(m_owned);
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

    const Result<std::unique_ptr<Transaction>> begun = begin(m_owned);

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

    const Result<> removed = m_files->removeTree(tree);
    ::umount(QFile::encodeName(mounted).constData());

    QVERIFY(!removed);
    QVERIFY(removed.error().message.contains(mounted));
    QCOMPARE(SampleTree::bytesOf(elsewhere + "/precious"_L1), QByteArray("precious"));
}

QTEST_GUILESS_MAIN(tst_Transaction)
#include "tst_transaction.moc"
