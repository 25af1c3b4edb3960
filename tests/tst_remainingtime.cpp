// SPDX-License-Identifier: MIT
#include "ui/remainingtime.h"

#include <QTest>

using namespace Entracte;
using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// The estimate with made-up times: what counts, when it is silent, how calmly it moves.
class tst_RemainingTime : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void steadyWorkIsToldRight();
    void theFirstSecondIsSilent();
    void nothingDoneOrAllDoneIsSilent();
    void waitingIsNoPartOfIt();
    void waitingIsNoPartOfTheFirstSecond();
    void startingTwiceCountsOnce();
    void steadyWorkNeverSaysMore();
    void anUnsteadySpeedMakesNoNoise();
    void clearlySlowerIsSaid();
    void aStandstillIsNotForever();

private:
    static constexpr qint64 total = 600'000'000;

    /// Works for \a duration at \a speed bytes a second; the last answer, and how often it rose.
    std::optional<seconds> work(milliseconds duration, double speed);

    RemainingTime m_time;
    milliseconds m_now{0};
    double m_done = 0;
    std::optional<seconds> m_answer;
    int m_rises = 0;
};

void tst_RemainingTime::init()
{
    m_time = {};
    m_now = 123'456'789ms; // the clock has run before
    m_done = 0;
    m_answer.reset();
    m_rises = 0;
    m_time.start(m_now);
}

std::optional<seconds> tst_RemainingTime::work(milliseconds duration, double speed)
{
    constexpr milliseconds tick = 100ms;
    for (milliseconds passed = 0ms; passed < duration; passed += tick) {
        m_now += tick;
        m_done += speed * std::chrono::duration<double>(tick).count();
        const auto answer = m_time.advance(m_now, qint64(m_done), total);
        if (answer && m_answer && *answer > *m_answer)
            ++m_rises;
        m_answer = answer;
    }
    return m_answer;
}

void tst_RemainingTime::steadyWorkIsToldRight()
{
    QCOMPARE(work(10s, 10e6), 50s);
    QCOMPARE(work(30s, 10e6), 20s);
    QCOMPARE(work(18s, 10e6), 5s); // two seconds: "about five" is the least that is said
}

void tst_RemainingTime::theFirstSecondIsSilent()
{
    QCOMPARE(work(900ms, 10e6), std::nullopt);
    QVERIFY(work(200ms, 10e6).has_value());
}

void tst_RemainingTime::nothingDoneOrAllDoneIsSilent()
{
    QCOMPARE(work(20s, 0), std::nullopt);
    QVERIFY(work(1s, 10e6).has_value());
    QCOMPARE(m_time.advance(m_now + 1s, total, total), std::nullopt);
    QCOMPARE(m_time.advance(m_now + 2s, 0, 0), std::nullopt);
}

void tst_RemainingTime::waitingIsNoPartOfIt()
{
    QCOMPARE(work(10s, 10e6), 50s);

    m_time.pause(m_now);
    m_now += 3h;
    m_time.start(m_now);

    QCOMPARE(work(10s, 10e6), 40s);
    QCOMPARE(m_rises, 0);
}

void tst_RemainingTime::waitingIsNoPartOfTheFirstSecond()
{
    QCOMPARE(work(500ms, 10e6), std::nullopt);

    m_time.pause(m_now);
    m_now += 1min;
    QCOMPARE(m_time.advance(m_now, qint64(m_done), total), std::nullopt);
    m_time.start(m_now);

    QCOMPARE(work(400ms, 10e6), std::nullopt);
    QVERIFY(work(200ms, 10e6).has_value());
}

void tst_RemainingTime::startingTwiceCountsOnce()
{
    QCOMPARE(work(10s, 10e6), 50s);
    m_now += 100ms;
    m_time.start(m_now);
    m_time.pause(m_now);
    m_time.pause(m_now + 1h);
    m_now += 1h;
    m_time.start(m_now);

    QCOMPARE(work(9900ms, 10e6), 45s); // 40 and a little, rounded up
}

void tst_RemainingTime::steadyWorkNeverSaysMore()
{
    work(59s, 10e6);
    QCOMPARE(m_rises, 0);
    QCOMPARE(m_answer, 5s);
}

void tst_RemainingTime::anUnsteadySpeedMakesNoNoise()
{
    for (int second = 0; second < 56; ++second)
        work(1s, second % 2 == 0 ? 14e6 : 6e6);
    QVERIFY2(m_rises <= 1, qPrintable(QString::number(m_rises)));
    QCOMPARE(m_answer, 5s);
}

void tst_RemainingTime::clearlySlowerIsSaid()
{
    QCOMPARE(work(10s, 10e6), 50s);
    work(60s, 2e6);
    QVERIFY(m_rises > 0);
    QCOMPARE(m_answer, 180s); // 380 MB are left at 2 MB/s: 190 s
}

void tst_RemainingTime::aStandstillIsNotForever()
{
    work(10s, 10e6);
    work(24h, 0);
    QVERIFY(!m_answer || *m_answer <= 24h);
}

QTEST_APPLESS_MAIN(tst_RemainingTime)
#include "tst_remainingtime.moc"
