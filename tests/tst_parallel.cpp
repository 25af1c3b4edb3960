// SPDX-License-Identifier: MIT
#include "core/parallel.h"

#include <QTest>
#include <QThread>

#include <memory>
#include <vector>

using namespace Entracte;
using namespace Qt::StringLiterals;

class tst_Parallel : public QObject
{
    Q_OBJECT

private slots:
    void everyItemIsDoneOnce();
    void workersAreMadeInTheCallingThreadAndAreGoneAtTheEnd();
    void nothingToDoMakesNoWorker();
    void theFirstErrorEndsIt();
};

void tst_Parallel::everyItemIsDoneOnce()
{
    std::vector<int> done(1000);
    const Result<> result = inParallel(qsizetype(done.size()), [&done]() -> ItemWork {
        return [&done](qsizetype item) -> Result<> {
            ++done[size_t(item)];
            return {};
        };
    });

    QVERIFY(result);
    QCOMPARE(done, std::vector<int>(1000, 1));
}

void tst_Parallel::workersAreMadeInTheCallingThreadAndAreGoneAtTheEnd()
{
    std::vector<Qt::HANDLE> madeIn;
    std::vector<std::weak_ptr<int>> ofWorkers;
    const Result<> result = inParallel(100, [&]() -> ItemWork {
        madeIn.push_back(QThread::currentThreadId());
        const auto own = std::make_shared<int>(0);
        ofWorkers.push_back(own);
        return [own](qsizetype) -> Result<> {
            ++*own;
            return {};
        };
    });

    QVERIFY(result);
    QCOMPARE(qsizetype(madeIn.size()), qsizetype(qMin(16, QThread::idealThreadCount())));
    for (const Qt::HANDLE thread : madeIn)
        QCOMPARE(thread, QThread::currentThreadId());
    for (const std::weak_ptr<int> &own : ofWorkers)
        QVERIFY(own.expired());
}

void tst_Parallel::nothingToDoMakesNoWorker()
{
    bool isMade = false;
    const Result<> result = inParallel(0, [&isMade]() -> ItemWork {
        isMade = true;
        return [](qsizetype) -> Result<> { return {}; };
    });

    QVERIFY(result);
    QVERIFY(!isMade);
}

void tst_Parallel::theFirstErrorEndsIt()
{
    qsizetype last = -1;
    const Result<> result = inParallel(
        100,
        [&last]() -> ItemWork {
            return [&last](qsizetype item) -> Result<> {
                last = item;
                return item < 7 ? Result<>() : Error{ErrorCode::Failed, QString::number(item)};
            };
        },
        1);

    QVERIFY(!result);
    QCOMPARE(result.error().message, u"7"_s);
    QCOMPARE(last, qsizetype(7));
}

QTEST_GUILESS_MAIN(tst_Parallel)
#include "tst_parallel.moc"
