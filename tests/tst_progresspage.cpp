// SPDX-License-Identifier: MIT
#include "support/fakerestartbackend.h"
#include "support/manualclock.h"
#include "support/sampleproduct.h"
#include "ui/installwizard.h"

#include <QAbstractButton>
#include <QLabel>
#include <QProgressBar>
#include <QTest>

using namespace Entracte;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using State = InstallEngine::State;

/// The page in a wizard that really installs: what it says while the engine works, and that it says
/// nothing about time while people decide.
class tst_ProgressPage : public QObject
{
    Q_OBJECT

private slots:
    void whatIsLeftIsToldWhileItIsPrepared();
    void namesToReadAloudChangeWithTheTimeOnly();
    void theBarNeverFalls();
    void whileSomebodyDecidesThereIsNoTime();

private:
    /// Installs a product of one file; \a inState is called with the page once it is reached.
    void play(State state, const std::function<void()> &inState);

    QString said() const;
    void progress(std::chrono::milliseconds later, qint64 done, qint64 total);

    std::unique_ptr<SampleProduct> m_product;
    std::shared_ptr<ManualClock> m_clock;
    std::unique_ptr<InstallWizard> m_wizard;
    QProgressBar *m_bar = nullptr;
    QString m_sentence;
    bool m_wasThere = false;
};

constexpr qint64 mebi = 1024 * 1024;

void tst_ProgressPage::play(State state, const std::function<void()> &inState)
{
    m_wizard.reset();
    m_product = std::make_unique<SampleProduct>();
    m_clock = std::make_shared<ManualClock>();
    const Manifest manifest = m_product->offer(u"1.0"_s, {{u"app"_s, "one"}});
    m_wizard = std::make_unique<InstallWizard>(
        manifest, InstallOptions{},
        InstallEngine::Ports{std::make_unique<FakeRestartBackend>(), m_clock, nullptr, {}, {}});
    const QWizardPage *page = m_wizard->page(InstallWizard::ProgressPageId);
    m_bar = page->findChild<QProgressBar *>();
    m_wasThere = false;
    connect(&m_wizard->engine(), &InstallEngine::stateChanged, this, [&, state](State now) {
        if (now != state || std::exchange(m_wasThere, true))
            return;
        inState();
    });
    m_wizard->show();
    while (m_wizard->currentId() != InstallWizard::ReadyPageId)
        m_wizard->next();
    QTRY_VERIFY(m_wizard->button(QWizard::CommitButton)->isEnabled());
    m_wizard->next();
    QTRY_COMPARE(m_wizard->currentId(), int(InstallWizard::FinishedPageId));
    QVERIFY(m_wasThere);
    QCOMPARE(m_wizard->exitCode(), ExitCode::Done);
}

QString tst_ProgressPage::said() const
{
    for (const QLabel *label :
         m_wizard->page(InstallWizard::ProgressPageId)->findChildren<QLabel *>()) {
        if (label->text().contains(u" left"))
            return label->text();
    }
    return {};
}

void tst_ProgressPage::progress(std::chrono::milliseconds later, qint64 done, qint64 total)
{
    m_clock->advance(later);
    emit m_wizard->engine().progressChanged(done, total);
}

void tst_ProgressPage::whatIsLeftIsToldWhileItIsPrepared()
{
    play(State::Extracting, [this] {
        progress(900ms, 9 * mebi, 600 * mebi);
        QCOMPARE(said(), QString());
        progress(11100ms, 120 * mebi, 600 * mebi);
        QVERIFY2(said().startsWith(u"120\u00a0MiB of 600\u00a0MiB, about 50 second"_s),
                 qPrintable(said()));
        progress(28s, 400 * mebi, 600 * mebi);
        QVERIFY2(said().startsWith(u"400\u00a0MiB of 600\u00a0MiB, about 20 second"_s),
                 qPrintable(said()));
        progress(1s, 400 * mebi, 5000 * mebi);
        QVERIFY2(said().startsWith(u"400\u00a0MiB of 4.9\u00a0GiB, about "_s), qPrintable(said()));
        QVERIFY2(said().contains(u" minute"), qPrintable(said()));
        progress(1s, 0, 0);
        progress(1s, 600 * mebi, 600 * mebi);
        QCOMPARE(said(), QString());
    });
    QCOMPARE(said(), QString());
}

void tst_ProgressPage::namesToReadAloudChangeWithTheTimeOnly()
{
    play(State::Extracting, [this] {
        int names = 0;
        QString last;
        for (int tenth = 1; tenth <= 500; ++tenth) {
            progress(100ms, tenth * mebi, 600 * mebi);
            for (const QLabel *label :
                 m_wizard->page(InstallWizard::ProgressPageId)->findChildren<QLabel *>()) {
                if (label->text() == said() && !said().isEmpty()
                    && std::exchange(last, label->accessibleName()) != last)
                    ++names;
            }
        }
        QVERIFY(last.contains(u"second"));
        QVERIFY2(names >= 9 && names <= 14, qPrintable(QString::number(names)));
    });
}

void tst_ProgressPage::theBarNeverFalls()
{
    play(State::Extracting, [this] {
        progress(1s, 300, 600);
        const int half = m_bar->value();
        QCOMPARE(half, m_bar->maximum() / 2);
        progress(1s, 100, 600);
        QCOMPARE(m_bar->value(), half);
        progress(1s, 300, 6000);
        QCOMPARE(m_bar->value(), half);
        progress(1s, 0, 0);
        QCOMPARE(m_bar->value(), half);
        progress(1s, 450, 600);
        QVERIFY(m_bar->value() > half);
    });
    QCOMPARE(m_bar->value(), m_bar->maximum());
}

void tst_ProgressPage::whileSomebodyDecidesThereIsNoTime()
{
    play(State::CheckingFilesInUse, [this] {
        progress(1h, 120 * mebi, 600 * mebi);
        QCOMPARE(said(), QString());
        QVERIFY(m_bar->value() > 0);
    });
}

QTEST_MAIN(tst_ProgressPage)
#include "tst_progresspage.moc"
