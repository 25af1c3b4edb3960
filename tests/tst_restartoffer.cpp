// SPDX-License-Identifier: MIT
#include "restart/reopening.h"
#include "support/fakerestartbackend.h"
#include "support/fakesystemrestart.h"
#include "support/manualclock.h"
#include "support/sampleproduct.h"
#include "ui/installwizard.h"
#include "ui/restartoffer.h"

#include <QApplication>
#include <QCheckBox>
#include <QLabel>
#include <QPushButton>
#include <QTest>

using namespace Entracte;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// Notes what is to be opened again.
class FakeReopening : public Reopening
{
public:
    QStringList candidates(const QList<AffectedApplication> &) const override { return names; }
    Result<QStringList> arrange(const QDateTime &time, const QList<AffectedApplication> &) override
    {
        arranged = time;
        return names;
    }
    Result<> forget() override
    {
        arranged.reset();
        return {};
    }

    QStringList names{u"Aurora"_s, u"Notes & Numbers"_s};
    std::optional<QDateTime> arranged;
};

/// The last page of a wizard that has really installed, while somebody who could not be closed
/// still runs the old version.
class tst_RestartOffer : public QObject
{
    Q_OBJECT

private slots:
    void laterIsTheDefaultAndNothingHappensByItself();
    void whereLoggingOutIsEnoughNoRestartIsOffered();
    void whereNothingIsNeededNothingIsOffered();
    void whoHoldsItAndWhoBlocksItIsNamed();
    void spec_117_untilItHappensTheRestartCanBeCancelled();
    void spec_118_othersAreNamedBeforeTheyAreDisturbed();
    void spec_119_whatIsToBeOpenedAgainIsDecidedHere();
    void aWindowThatIsClosedCancelsFirst();
    void aBlockThatComesLaterCallsItOff();
    void aRefusalIsSaid();
    void theKeyboardReachesEverything();
    void everyLookCanBeRead_data();
    void everyLookCanBeRead();

private:
    /// Installs; a holder that needs \a level stays.
    void finish(RestartLevel level);
    void schedule();

    QLabel *label(const QString &name) const { return m_offer->findChild<QLabel *>(name); }
    QString said(const QString &name) const
    {
        return label(name)->isVisible() ? label(name)->text() : QString();
    }
    QPushButton *restartButton() const { return m_offer->findChildren<QPushButton *>().first(); }
    QPushButton *cancelButton() const { return m_offer->findChildren<QPushButton *>().last(); }
    QCheckBox *reopenBox() const { return m_offer->findChild<QCheckBox *>(); }

    std::unique_ptr<SampleProduct> m_product;
    std::shared_ptr<ManualClock> m_clock;
    std::unique_ptr<InstallWizard> m_wizard;
    FakeSystemRestart *m_system = nullptr;
    FakeReopening *m_reopening = nullptr;
    RestartOffer *m_offer = nullptr;
    RestartOutlook m_outlook{RestartOutlook::Permission::Granted, {}, {}, {}};
};

void tst_RestartOffer::finish(RestartLevel level)
{
    QLocale::setDefault(QLocale(QLocale::English));
    m_wizard.reset();
    m_product = std::make_unique<SampleProduct>();
    m_clock = std::make_shared<ManualClock>();
    auto backend = std::make_unique<FakeRestartBackend>();
    backend->add(u"Desktop"_s, FakeRestartBackend::Temper::Refuses);
    backend->last().requiredLevel = level;
    backend->last().reason = u"It draws everything you see."_s;
    auto system = std::make_unique<FakeSystemRestart>();
    m_system = system.get();
    m_system->outlook = m_outlook;
    auto reopening = std::make_unique<FakeReopening>();
    m_reopening = reopening.get();
    InstallOptions options;
    options.inUsePolicy = InUsePolicy::Skip;
    m_wizard = std::make_unique<InstallWizard>(
        m_product->offer(u"1.0"_s, {{u"app"_s, "one"}}), options,
        InstallEngine::Ports{
            std::move(backend), m_clock, nullptr, {}, {}, std::move(system), std::move(reopening)});
    m_offer = m_wizard->findChild<RestartOffer *>();
    m_wizard->show();
    while (m_wizard->currentId() != InstallWizard::ReadyPageId)
        m_wizard->next();
    QTRY_VERIFY(m_wizard->button(QWizard::CommitButton)->isEnabled());
    m_wizard->next();
    QTRY_COMPARE(m_wizard->currentId(), int(InstallWizard::FinishedPageId));
    QVERIFY(QTest::qWaitForWindowActive(m_wizard.get()));
}

void tst_RestartOffer::schedule()
{
    m_system->isRestartExpected = true;
    QTRY_VERIFY(restartButton()->isEnabled());
    restartButton()->click();
    QTRY_VERIFY(m_offer->isScheduled());
}

void tst_RestartOffer::laterIsTheDefaultAndNothingHappensByItself()
{
    finish(RestartLevel::Reboot);
    auto *end = qobject_cast<QPushButton *>(m_wizard->button(QWizard::FinishButton));
    QTRY_VERIFY(restartButton()->isEnabled());
    QCOMPARE(end->text(), u"Restart &Later"_s);
    QCOMPARE(end->accessibleName(), u"Restart Later"_s);
    QVERIFY(end->isDefault());

    for (int i = 0; i < 100; ++i) // a restart would be fatal to the test
        m_clock->advance(1min);
    QTest::keyClick(m_wizard.get(), Qt::Key_Return);

    QVERIFY(!m_wizard->isVisible());
    QCOMPARE(m_wizard->exitCode(), ExitCode::DoneRestartNeeded);
}

void tst_RestartOffer::whereLoggingOutIsEnoughNoRestartIsOffered()
{
    finish(RestartLevel::Session);
    QVERIFY(m_offer->isVisible());
    QCOMPARE(said(u"reasons"_s),
             u"• Desktop uses the old version for as long as you are logged in. "
             "It draws everything you see."_s);
    QVERIFY(!restartButton()->isVisible() && !reopenBox()->isVisible());
    QVERIFY(m_wizard->button(QWizard::FinishButton)->text() != u"Restart &Later"_s);
}

void tst_RestartOffer::whereNothingIsNeededNothingIsOffered()
{
    finish(RestartLevel::Application);
    QVERIFY(!m_offer->isVisible());
}

void tst_RestartOffer::whoHoldsItAndWhoBlocksItIsNamed()
{
    m_outlook.blocks = {{u"Backup"_s, u"It writes to a tape."_s, 0, 1}};
    finish(RestartLevel::Reboot);
    m_outlook.blocks.clear();
    QCOMPARE(said(u"reasons"_s),
             u"• Desktop uses the old version for as long as the computer runs. "
             "It draws everything you see."_s);
    QTRY_COMPARE(said(u"obstacles"_s), u"“Backup” keeps the computer from being restarted: "
                                       "It writes to a tape."_s);
    QVERIFY(!restartButton()->isEnabled());

    m_system->outlook = m_outlook;
    m_clock->advance(3s);

    QTRY_VERIFY(restartButton()->isEnabled());
    QCOMPARE(said(u"obstacles"_s), QString());
    m_system->outlook = Error{ErrorCode::Failed, u"Nobody answers."_s};
    m_clock->advance(3s);
    QTRY_COMPARE(said(u"obstacles"_s), u"Nobody answers."_s);
    QVERIFY(!restartButton()->isEnabled());
    m_system->outlook = RestartOutlook();
    m_clock->advance(3s);
    QTRY_COMPARE(said(u"obstacles"_s), u"You may not restart this computer."_s);
    QVERIFY(!restartButton()->isEnabled());
}

void tst_RestartOffer::spec_117_untilItHappensTheRestartCanBeCancelled()
{
    finish(RestartLevel::Reboot);
    schedule();
    QVERIFY(said(u"news"_s).startsWith(u"The computer restarts in 60 second"_s));
    QVERIFY(!m_wizard->button(QWizard::FinishButton)->isEnabled());
    QVERIFY(cancelButton()->hasFocus());
    m_clock->advance(1s);
    m_clock->advance(1s);
    QVERIFY(said(u"news"_s).startsWith(u"The computer restarts in 58 second"_s));

    QTest::keyClick(cancelButton(), Qt::Key_Space);

    QTRY_COMPARE(said(u"news"_s), u"The restart was cancelled."_s);
    QVERIFY(!m_system->scheduled);
    QVERIFY(m_wizard->button(QWizard::FinishButton)->isEnabled());
    m_clock->advance(2min);
    QCOMPARE(said(u"news"_s), u"The restart was cancelled."_s);
    schedule(); // and there may be one after all
    for (int i = 0; i < 60; ++i)
        m_clock->advance(1s);
    QCOMPARE(said(u"news"_s), u"The computer is being restarted."_s);
    QVERIFY(!cancelButton()->isEnabled());
}

void tst_RestartOffer::spec_118_othersAreNamedBeforeTheyAreDisturbed()
{
    m_outlook.otherUsers = {u"ada"_s, u"grace"_s};
    finish(RestartLevel::Reboot);
    m_outlook.otherUsers.clear();
    QTRY_COMPARE(restartButton()->text(), u"&Restart for Everyone"_s);
    QVERIFY2(said(u"obstacles"_s).contains(u"ada and grace"_s), qPrintable(said(u"obstacles"_s)));
    schedule();
    QVERIFY(m_system->toldOfOthers);

    finish(RestartLevel::Reboot);
    schedule();
    QVERIFY(!m_system->toldOfOthers);
}

void tst_RestartOffer::spec_119_whatIsToBeOpenedAgainIsDecidedHere()
{
    finish(RestartLevel::Reboot);
    QCOMPARE(reopenBox()->text(), u"&Open Aurora and Notes && Numbers again after the restart"_s);
    schedule();
    QVERIFY(m_reopening->arranged);
    QCOMPARE(*m_reopening->arranged, *m_system->scheduled);
    cancelButton()->click();
    QTRY_VERIFY(!m_offer->isScheduled());
    QVERIFY(!m_reopening->arranged);

    reopenBox()->setChecked(false);
    schedule();
    QVERIFY(!m_reopening->arranged);
}

void tst_RestartOffer::aWindowThatIsClosedCancelsFirst()
{
    finish(RestartLevel::Reboot);
    schedule();

    QTest::keyClick(m_wizard.get(), Qt::Key_Escape);

    QTRY_COMPARE(said(u"news"_s), u"The restart was cancelled."_s);
    QVERIFY(!m_system->scheduled && !m_reopening->arranged);
    m_wizard->close();
    QVERIFY(!m_wizard->isVisible());
}

void tst_RestartOffer::aBlockThatComesLaterCallsItOff()
{
    finish(RestartLevel::Reboot);
    schedule();

    emit m_system->calledOff(u"The system is not restarted; Backup asks for that: It runs."_s);

    QVERIFY(!m_offer->isScheduled());
    QVERIFY(!m_reopening->arranged);
    QVERIFY(said(u"news"_s).contains(u"Backup"_s));
}

void tst_RestartOffer::aRefusalIsSaid()
{
    finish(RestartLevel::Reboot);
    m_system->isRestartExpected = true;
    m_system->answer = Error{ErrorCode::PermissionDenied, u"The password was wrong."_s};
    QTRY_VERIFY(restartButton()->isEnabled());

    restartButton()->click();

    QTRY_COMPARE(said(u"news"_s), u"The password was wrong."_s);
    QVERIFY(!m_offer->isScheduled() && !m_reopening->arranged);
    QVERIFY(restartButton()->isEnabled());
}

void tst_RestartOffer::theKeyboardReachesEverything()
{
    finish(RestartLevel::Reboot);
    QTRY_VERIFY(restartButton()->isEnabled());
    QSet<QWidget *> reached;
    for (int i = 0; i < 12; ++i) {
        QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : m_wizard.get(),
                        Qt::Key_Tab);
        reached.insert(QApplication::focusWidget());
    }
    for (QWidget *widget :
         {static_cast<QWidget *>(reopenBox()), static_cast<QWidget *>(restartButton()),
          static_cast<QWidget *>(m_wizard->button(QWizard::FinishButton))})
        QVERIFY2(reached.contains(widget), widget->metaObject()->className());
    QVERIFY(!restartButton()->accessibleName().isEmpty());
    QVERIFY(!cancelButton()->accessibleName().isEmpty());
}

void tst_RestartOffer::everyLookCanBeRead_data()
{
    QTest::addColumn<bool>("isDark");
    QTest::addColumn<bool>("isRightToLeft");

    QTest::newRow("light") << false << false;
    QTest::newRow("dark") << true << false;
    QTest::newRow("right to left") << false << true;
}

/// With $ENTRACTE_SCREENSHOTS, a folder, pictures of it stay there.
void tst_RestartOffer::everyLookCanBeRead()
{
    QFETCH(bool, isDark);
    QFETCH(bool, isRightToLeft);
    const QPalette usual = QApplication::palette();
    if (isDark)
        QApplication::setPalette(QPalette(QColor(50, 50, 50)));
    QApplication::setLayoutDirection(isRightToLeft ? Qt::RightToLeft : Qt::LeftToRight);
    m_outlook.otherUsers = {u"ada"_s};
    finish(RestartLevel::Reboot);
    m_outlook.otherUsers.clear();
    QTRY_VERIFY(restartButton()->isEnabled());

    const auto check = [this](const QString &name) {
        const QString folder = qEnvironmentVariable("ENTRACTE_SCREENSHOTS");
        if (!folder.isEmpty())
            m_wizard->grab().save(
                folder
                + u"/restart-%1-%2.png"_s.arg(QString::fromLatin1(QTest::currentDataTag()), name));
        for (QWidget *part : m_offer->findChildren<QWidget *>()) {
            if (!part->isVisible())
                continue;
            const int needed = part->hasHeightForWidth() ? part->heightForWidth(part->width())
                                                         : part->sizeHint().height();
            QVERIFY2(part->height() >= needed, part->metaObject()->className());
            QVERIFY(m_offer->rect().contains(part->geometry()));
        }
    };
    check(u"offered"_s);
    schedule();
    QTRY_VERIFY(cancelButton()->isVisible());
    check(u"scheduled"_s);

    QApplication::setPalette(usual);
    QApplication::setLayoutDirection(Qt::LeftToRight);
}

QTEST_MAIN(tst_RestartOffer)
#include "tst_restartoffer.moc"
