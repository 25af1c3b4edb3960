// SPDX-License-Identifier: MIT
#include "restart/restartsession.h"
#include "restart/sessionstore.h"
#include "support/restartmanagertest.h"

#include <QElapsedTimer>
#include <QSet>
#include <QTest>

#include <fcntl.h>
#include <unistd.h>

using namespace Entracte;
using namespace Qt::StringLiterals;
using Fields = QStringList;

/// What is registered, and what of it is refused (spec 12 C).
class tst_RmResources : public RestartManagerTest
{
    Q_OBJECT

private slots:
    void spec_028_allKindsOfResources();
    void spec_029_oneHolderIsOneRowAndAskedOnce();
    void spec_030_badEntriesRefuseTheWholeCall();
    void spec_031_missingFilesHaveNoHolders();
    void spec_032_aRecycledPidIsSomebodyElse();
    void spec_033_tenThousandFilesInOneCall();
    void spec_039_onlyNativeRulesUnregister();
};

/// A control group that looks like a service, with one process in it. Needs root.
class ServiceGroup
{
public:
    ServiceGroup(const QString &name, qint64 pid, std::function<void()> endMember)
        : m_endMember(std::move(endMember))
    {
        for (const QString &mount : {u"/sys/fs/cgroup"_s, u"/sys/fs/cgroup/unified"_s})
            if (QFile::exists(mount + u"/cgroup.procs"_s))
                m_path = mount + u'/' + name + u".service"_s;
        QDir().mkpath(m_path);
        QFile members(m_path + u"/cgroup.procs"_s);
        m_isReal = members.open(QIODevice::WriteOnly) && members.write(QByteArray::number(pid)) > 0;
    }
    ~ServiceGroup()
    {
        m_endMember(); // a group goes only when it is empty
        while (m_isReal && rmdir(QFile::encodeName(m_path).constData()) != 0 && errno == EBUSY)
            QTest::qWait(10);
    }
    bool isReal() const { return m_isReal; }

private:
    std::function<void()> m_endMember;
    QString m_path;
    bool m_isReal = false;
};

void tst_RmResources::spec_028_allKindsOfResources()
{
    if (geteuid() != 0)
        QSKIP("making a control group needs root");
    Program *const byFile = start(u"app"_s, {u"--open"_s, held()});
    Program *const byProcess = start(u"process"_s, {});
    Program *const byService = start(u"service"_s, {});
    const QString name = u"entracte-test-%1"_s.arg(getpid());
    {
        const ServiceGroup group(name, byService->pid(), [byService] { byService->end(); });
        if (!group.isReal())
            QSKIP("this system lets nobody make a control group");
        const auto primary = installer();
        const QString handle = primary->sessionFor(held());
        // The start time is learned as an installer does: from a list.
        const QString probe = primary->sessionFor(path(u"process"_s));
        const auto known = primary->list(probe).of(byProcess->pid());
        QCOMPARE(primary->code(
                     {u"register"_s, handle, u"p:%1:%2"_s.arg(known.pid).arg(known.startTime)}),
                 0);
        QCOMPARE(primary->code({u"register"_s, handle, u"s:"_s + name}), 0);

        const auto list = primary->list(handle);

        QCOMPARE(list.pids(), QSet({byFile->pid(), byProcess->pid(), byService->pid()}));
        QCOMPARE(list.of(byService->pid()).type, 3);
        QCOMPARE(list.of(byService->pid()).service, name);
    }
}

void tst_RmResources::spec_029_oneHolderIsOneRowAndAskedOnce()
{
    QVERIFY(
        link(QFile::encodeName(held()).constData(), QFile::encodeName(path(u"hard"_s)).constData())
        == 0);
    QVERIFY(QFile::link(held(), path(u"soft"_s)));
    Program *const program = start(
        u"app"_s, {u"--open"_s, held(), u"--open"_s, path(u"other"_s), u"--answer"_s, u"yes"_s});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    for (const QString &name : {u"held"_s, u"hard"_s, u"soft"_s, u"other"_s})
        QCOMPARE(primary->code({u"register"_s, handle, u"f:"_s + path(name)}), 0);

    QCOMPARE(primary->list(handle).needed, 1);
    QCOMPARE(primary->shutdown(handle), 0);
    QCOMPARE(program->count(u"asked"_s), 1);
    QCOMPARE(program->count(u"close"_s), 1);
}

void tst_RmResources::spec_030_badEntriesRefuseTheWholeCall()
{
    start(u"app"_s, {u"--open"_s, held()});
    const auto primary = installer();
    const auto secondary = installer();
    const auto session = primary->start();
    const QString joined = secondary->join(session.key).handle;

    const QString good = u"f:"_s + held();
    for (const QString &bad : {u"f:relative/path"_s, u"null"_s, u"f:"_s, u"s:"_s, u"p:0:1"_s}) {
        QCOMPARE(primary->code({u"register"_s, session.handle, good, bad}), 160);
        QCOMPARE(secondary->code({u"register"_s, joined, good, bad}), 160);
    }

    QCOMPARE(primary->list(session.handle).needed, 0);
}

void tst_RmResources::spec_031_missingFilesHaveNoHolders()
{
    const auto primary = installer();

    const QString handle = primary->sessionFor(path(u"there is no such file"_s));

    const auto list = primary->list(handle);
    QCOMPARE(list.code, 0);
    QCOMPARE(list.needed, 0);
}

void tst_RmResources::spec_032_aRecycledPidIsSomebodyElse()
{
    Program *const program = start(u"app"_s, {});
    const auto primary = installer();
    const auto known = primary->list(primary->sessionFor(path(u"app"_s))).of(program->pid());
    const QString handle = primary->start().handle;

    QCOMPARE(primary->code(
                 {u"register"_s, handle, u"p:%1:%2"_s.arg(known.pid).arg(known.startTime - 1)}),
             0);
    QCOMPARE(primary->list(handle).needed, 0);
    QCOMPARE(
        primary->code({u"register"_s, handle, u"p:%1:%2"_s.arg(known.pid).arg(known.startTime)}),
        0);
    QCOMPARE(primary->list(handle).pids(), QSet{program->pid()});
}

void tst_RmResources::spec_033_tenThousandFilesInOneCall()
{
    const auto primary = installer();
    const QString handle = primary->start().handle;
    const Fields once =
        primary->call({u"register-many"_s, handle, u"10000"_s, path(u"file-"_s)}).constFirst();
    QCOMPARE(once[0], u"0"_s);

    // Ten thousand calls would take minutes; the ratio is proved as soon as ten times the time of
    // the one call has gone by without them being done.
    const double limit = 10 * once[2].toDouble();
    const Fields each = primary
                            ->call({u"register-each"_s, primary->start().handle, u"10000"_s,
                                    path(u"file-"_s), QString::number(limit)})
                            .constFirst();
    QCOMPARE(each[0], u"0"_s);
    QVERIFY2(each[1].toInt() < 10'000, qPrintable(u"%1 calls in %2 ms"_s.arg(each[1], each[2])));

    QElapsedTimer timer;
    timer.start();
    QCOMPARE(primary->list(handle).code, 0);
    QVERIFY2(timer.elapsed() < 5000, qPrintable(QString::number(timer.elapsed())));
}

void tst_RmResources::spec_039_onlyNativeRulesUnregister()
{
    const Program *const program = start(u"app"_s, {u"--open"_s, held()});
    for (const RestartRules rules : {RestartRules::Native, RestartRules::Windows}) {
        const auto clock = std::make_shared<SystemClock>();
        const auto sessions = store(clock);
        RestartSession session(createRestartBackend(clock), clock, rules);
        QVERIFY(session.share(*sessions));
        QVERIFY(session.registerFiles({held(), path(u"other"_s)}));
        finish(session.list());
        QCOMPARE(session.inTheWay().value(0).process.pid, program->pid());

        const Result<> taken = session.unregisterResources({{held()}, {}, {}});
        finish(session.list());

        const bool isNative = rules == RestartRules::Native;
        QCOMPARE(int(restartCodeOf(taken)), isNative ? 0 : 160);
        QCOMPARE(session.isClear(), isNative);
    }
}

QTEST_GUILESS_MAIN(tst_RmResources)
#include "tst_rmresources.moc"
