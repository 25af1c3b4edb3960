// SPDX-License-Identifier: MIT
#include "restart/logout.h"
#include "restart/reopening.h"
#include "support/fakerestartbackend.h"
#include "support/fakesystemrestart.h"
#include "support/manualclock.h"
#include "support/sampleproduct.h"
#include "ui/installwizard.h"
#include "ui/logoutoffer.h"
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
    void look(const QList<AffectedApplication> &, QObject *context, Known done) override
    {
        if (answers)
            later(context, [this, done] { done(outlook); });
    }
    void arrange(const QDateTime &time, const QList<AffectedApplication> &, QObject *context,
                 Known done) override
    {
        arranged = time;
        later(context, [this, done] { done(outlook); });
    }
    void forget(QObject *context, std::function<void(const Result<> &)> done) override
    {
        arranged.reset();
        later(context, [this, done] { done(forgotten); });
    }

    ReopeningOutlook outlook{{u"Aurora"_s, u"Notes & Numbers"_s}, {}};
    Result<> forgotten;
    std::optional<QDateTime> arranged;
    bool answers = true;

private:
    static void later(QObject *context, std::function<void()> what)
    {
        QMetaObject::invokeMethod(context, what, Qt::QueuedConnection);
    }
};

/// A session manager that logs nobody out.
class FakeLogOut : public LogOut
{
public:
    void look(QObject *context, std::function<void(bool)> done) override
    {
        QMetaObject::invokeMethod(
            context, [this, done] { done(isPossible); }, Qt::QueuedConnection);
    }
    void request(QObject *context, std::function<void(const Result<> &)> done) override
    {
        if (!isExpected)
            qFatal("nobody asked to be logged out");
        ++requests;
        QMetaObject::invokeMethod(
            context, [this, done] { done(answer); }, Qt::QueuedConnection);
    }

    bool isPossible = true;
    bool isExpected = false;
    int requests = 0;
    Result<> answer;
};

/// The last page of a wizard that has really installed, while somebody who could not be closed
/// still runs the old version.
class tst_RestartOffer : public QObject
{
    Q_OBJECT

private slots:
    void laterIsTheDefaultAndNothingHappensByItself();
    void whereLoggingOutIsEnoughNoRestartIsOffered();
    void loggingOutIsDoneForWhoWantsIt();
    void whoCannotBeAskedIsNotOffered();
    void whereNothingIsNeededNothingIsOffered();
    void whoHoldsItAndWhoBlocksItIsNamed();
    void spec_117_untilItHappensTheRestartCanBeCancelled();
    void spec_118_othersAreNamedBeforeTheyAreDisturbed();
    void spec_119_whatIsToBeOpenedAgainIsDecidedHere();
    void spec_119_whoDoesNotComeBackIsNamedBefore();
    void whatCouldNotBeForgottenIsSaid();
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
    QPushButton *logOutButton() const
    {
        return m_wizard->findChild<LogOutOffer *>()->findChild<QPushButton *>();
    }
    QLabel *logOutNews() const { return m_wizard->findChild<QLabel *>(u"logOutNews"_s); }

    std::unique_ptr<SampleProduct> m_product;
    std::shared_ptr<ManualClock> m_clock;
    std::unique_ptr<InstallWizard> m_wizard;
    FakeSystemRestart *m_system = nullptr;
    FakeReopening *m_reopening = nullptr;
    FakeLogOut *m_logOut = nullptr;
    QList<ReopeningOutlook::Loss> m_losses;
    bool m_isKnownWhoReopens = true;
    bool m_canLogOut = true;
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
    m_reopening->outlook.losses = m_losses;
    m_reopening->answers = m_isKnownWhoReopens;
    auto logOut = std::make_unique<FakeLogOut>();
    m_logOut = logOut.get();
    m_logOut->isPossible = m_canLogOut;
    InstallOptions options;
    options.inUsePolicy = InUsePolicy::Skip;
    m_wizard =
        std::make_unique<InstallWizard>(m_product->offer(u"1.0"_s, {{u"app"_s, "one"}}), options,
                                        InstallEngine::Ports{std::move(backend),
                                                             m_clock,
                                                             nullptr,
                                                             {},
                                                             {},
                                                             std::move(system),
                                                             std::move(reopening),
                                                             {},
                                                             std::move(logOut)});
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
    for (const QLabel *each : m_wizard->currentPage()->findChildren<QLabel *>())
        QVERIFY2(!each->text().contains(u"until it is closed"_s), qPrintable(each->text()));
    QVERIFY(!restartButton()->isVisible() && !reopenBox()->isVisible());
    QVERIFY(m_wizard->button(QWizard::FinishButton)->text() != u"Restart &Later"_s);
}

void tst_RestartOffer::loggingOutIsDoneForWhoWantsIt()
{
    finish(RestartLevel::Session);
    auto *end = qobject_cast<QPushButton *>(m_wizard->button(QWizard::FinishButton));
    QTRY_VERIFY(logOutButton()->isVisible());
    QCOMPARE(end->text(), u"Log Out L&ater"_s);
    QVERIFY(end->isDefault() && !logOutButton()->isDefault());
    QCOMPARE(logOutButton()->accessibleName(), u"Log Out"_s);
    for (int i = 0; i < 100; ++i) // without a press it would be fatal to the test
        m_clock->advance(1min);

    m_logOut->isExpected = true;
    m_logOut->answer = Error{ErrorCode::Failed, u"It is locked down."_s};
    QTest::keyClick(logOutButton(), Qt::Key_Space);
    QCOMPARE(m_logOut->requests, 1);
    QVERIFY(!logOutButton()->isEnabled());
    QTRY_COMPARE(logOutNews()->text(), u"It is locked down."_s);

    m_logOut->answer = {};
    QTest::keyClick(logOutButton(), Qt::Key_Space);
    QTRY_VERIFY(logOutButton()->isEnabled());
    QCOMPARE(m_logOut->requests, 2);
    QVERIFY(logOutNews()->text().contains(u"lets you save"_s));
    QTest::keyClick(m_wizard.get(), Qt::Key_Return);
    QVERIFY(!m_wizard->isVisible());
    QCOMPARE(m_logOut->requests, 2);
}

void tst_RestartOffer::whoCannotBeAskedIsNotOffered()
{
    m_canLogOut = false;
    finish(RestartLevel::Session);
    m_canLogOut = true;
    QVERIFY(m_offer->isVisible());
    QCoreApplication::sendPostedEvents();
    QVERIFY(!logOutButton()->isVisible());
    finish(RestartLevel::Reboot); // where it would not be enough
    QTRY_VERIFY(restartButton()->isEnabled());
    QVERIFY(!logOutButton()->isVisible());
}

void tst_RestartOffer::whereNothingIsNeededNothingIsOffered()
{
    finish(RestartLevel::Application);
    QVERIFY(!m_offer->isVisible());
    QCoreApplication::sendPostedEvents();
    QVERIFY(!logOutButton()->isVisible());
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
    QTRY_COMPARE(reopenBox()->text(),
                 u"&Open Aurora and Notes && Numbers again after the restart"_s);
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

void tst_RestartOffer::spec_119_whoDoesNotComeBackIsNamedBefore()
{
    m_isKnownWhoReopens = false;
    finish(RestartLevel::Reboot);
    m_clock->advance(3s);
    QCoreApplication::sendPostedEvents();
    QVERIFY(!restartButton()->isEnabled()); // nobody can decide yet
    m_isKnownWhoReopens = true;

    m_losses = {{u"Editor (ada)"_s, u"Runs in a sandbox."_s}};
    finish(RestartLevel::Reboot);
    m_losses.clear();
    QTRY_VERIFY(restartButton()->isEnabled());
    QCOMPARE(said(u"obstacles"_s),
             u"Editor (ada) will not be opened again after the restart. Runs in a sandbox."_s);

    m_reopening->outlook = {{}, {{u"Aurora"_s, u"The disk is full."_s}}};
    schedule(); // and what is known only then
    QCOMPARE(said(u"obstacles"_s),
             u"Aurora will not be opened again after the restart. The disk is full."_s);
}

void tst_RestartOffer::whatCouldNotBeForgottenIsSaid()
{
    finish(RestartLevel::Reboot);
    schedule();
    m_reopening->forgotten = Error{ErrorCode::Failed, u"An entry stays."_s};

    cancelButton()->click();

    QTRY_COMPARE(said(u"news"_s), u"The restart was cancelled.\nAn entry stays."_s);
    QTRY_VERIFY(restartButton()->isEnabled());
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
    QTRY_VERIFY(restartButton()->isEnabled());
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

    const auto check = [this](const QString &name, const QWidget *offer) {
        const QString folder = qEnvironmentVariable("ENTRACTE_SCREENSHOTS");
        if (!folder.isEmpty())
            m_wizard->grab().save(
                folder
                + u"/restart-%1-%2.png"_s.arg(QString::fromLatin1(QTest::currentDataTag()), name));
        for (QWidget *part : offer->findChildren<QWidget *>()) {
            if (!part->isVisible())
                continue;
            const int needed = part->hasHeightForWidth() ? part->heightForWidth(part->width())
                                                         : part->sizeHint().height();
            QVERIFY2(part->height() >= needed, part->metaObject()->className());
            QVERIFY(offer->rect().contains(part->geometry()));
        }
    };
    check(u"offered"_s, m_offer);
    schedule();
    QTRY_VERIFY(cancelButton()->isVisible());
    check(u"scheduled"_s, m_offer);

    finish(RestartLevel::Session);
    QTRY_VERIFY(logOutButton()->isVisible());
    m_logOut->isExpected = true;
    logOutButton()->click();
    QTRY_VERIFY(logOutNews()->isVisible() && logOutButton()->isEnabled());
    check(u"log-out"_s, m_wizard->findChild<LogOutOffer *>());

    QApplication::setPalette(usual);
    QApplication::setLayoutDirection(Qt::LeftToRight);
}

QTEST_MAIN(tst_RestartOffer)
#include "tst_restartoffer.moc"
