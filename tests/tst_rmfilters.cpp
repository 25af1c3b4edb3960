// SPDX-License-Identifier: MIT
#include "support/restartmanagertest.h"

#include <QTest>

using namespace Entracte;
using namespace Qt::StringLiterals;
using Fields = QStringList;

/// Filters: who is not to be closed, or not to come back (spec 12 E).
class tst_RmFilters : public RestartManagerTest
{
    Q_OBJECT

private slots:
    void spec_056_exactlyOneSelector();
    void spec_057_noShutdownHoldsEvenAgainstForce();
    void spec_058_noRestartClosesForGood();
    void spec_059_theLatestFilterCounts();
    void spec_060_aFilterIsRemovedOnce();
    void spec_061_theFilterListIsAChain();
    void spec_062_filterDoesNotApplyToANamesake();
};

void tst_RmFilters::spec_056_exactlyOneSelector()
{
    const auto primary = installer();
    const QString handle = primary->start().handle;

    QCOMPARE(primary->code({u"filter"_s, handle, u""_s, u"1"_s}), 160);
    QCOMPARE(primary->code({u"filter-two"_s, handle}), 160);
    QCOMPARE(primary->code({u"filter"_s, handle, u"s:x"_s, u"0"_s}), 160);
    QCOMPARE(primary->code({u"filter"_s, handle, u"s:x"_s, u"3"_s}), 160);
    QCOMPARE(primary->code({u"unfilter"_s, handle, u""_s}), 160);
}

void tst_RmFilters::spec_057_noShutdownHoldsEvenAgainstForce()
{
    Program *const kept = start(u"kept"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s});
    Program *const other = start(u"other-app"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QCOMPARE(primary->code({u"filter"_s, handle, u"f:"_s + path(u"kept"_s), u"2"_s}), 0);

    QCOMPARE(primary->shutdown(handle, 1), 0);

    QVERIFY(kept->isRunning());
    QCOMPARE(kept->count(u"asked"_s), 0);
    QVERIFY(!other->isRunning());
    QCOMPARE(primary->list(handle).of(kept->pid()).status, 0x41);
}

void tst_RmFilters::spec_058_noRestartClosesForGood()
{
    Program *const program = start(
        u"app"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s, u"--restart-with"_s, u"again"_s});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QCOMPARE(primary->code({u"filter"_s, handle, u"f:"_s + path(u"app"_s), u"1"_s}), 0);

    QCOMPARE(primary->shutdown(handle), 0);
    QCOMPARE(primary->restart(handle), 0);

    QCOMPARE(primary->list(handle).of(program->pid()).status, 0x82);
    QCOMPARE(program->starts(), 1);
}

void tst_RmFilters::spec_059_theLatestFilterCounts()
{
    Program *const program = start(u"app"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    const QString target = u"f:"_s + path(u"app"_s);
    QCOMPARE(primary->code({u"filter"_s, handle, target, u"2"_s}), 0);

    QCOMPARE(primary->code({u"filter"_s, handle, target, u"1"_s}), 0);

    QCOMPARE(primary->list(handle).of(program->pid()).status, 0x81);
    QCOMPARE(primary->shutdown(handle), 0);
    QVERIFY(!program->isRunning());
}

void tst_RmFilters::spec_060_aFilterIsRemovedOnce()
{
    const auto primary = installer();
    const QString handle = primary->start().handle;
    QCOMPARE(primary->code({u"filter"_s, handle, u"s:x"_s, u"1"_s}), 0);

    QCOMPARE(primary->code({u"unfilter"_s, handle, u"s:x"_s}), 0);
    QCOMPARE(primary->code({u"unfilter"_s, handle, u"s:x"_s}), 2);
}

void tst_RmFilters::spec_061_theFilterListIsAChain()
{
    const auto primary = installer();
    const QString handle = primary->start().handle;
    QCOMPARE(primary->code({u"filter"_s, handle, u"f:/usr/bin/véga"_s, u"1"_s}), 0);
    QCOMPARE(primary->code({u"filter"_s, handle, u"p:42:7"_s, u"2"_s}), 0);
    QCOMPARE(primary->code({u"filter"_s, handle, u"s:foo"_s, u"1"_s}), 0);

    const Fields small = primary->call({u"filters"_s, handle, u"10"_s}).constFirst();
    QCOMPARE(small[0], u"234"_s);
    QList<Fields> filters = primary->call({u"filters"_s, handle, small[1]});

    QCOMPARE(filters.takeFirst(), Fields({u"0"_s, small[1]}));
    QCOMPARE(filters, QList<Fields>({{u"1"_s, u"1"_s, u"/usr/bin/véga"_s},
                                     {u"2"_s, u"2"_s, u"42"_s},
                                     {u"3"_s, u"1"_s, u"foo"_s}}));
}

void tst_RmFilters::spec_062_filterDoesNotApplyToANamesake()
{
    Program *const program = start(u"app"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QVERIFY(QDir().mkpath(path(u"elsewhere"_s)));
    QVERIFY(QFile::copy(path(u"app"_s), path(u"elsewhere/app"_s)));

    QCOMPARE(primary->code({u"filter"_s, handle, u"f:"_s + path(u"elsewhere/app"_s), u"2"_s}), 0);

    QCOMPARE(primary->list(handle).of(program->pid()).status, 1);
    QCOMPARE(primary->shutdown(handle), 0);
    QVERIFY(!program->isRunning());
}

QTEST_GUILESS_MAIN(tst_RmFilters)
#include "tst_rmfilters.moc"
