// SPDX-License-Identifier: MIT
#include "restart/affectedapplicationmodel.h"
#include "restart/restartsession.h"
#include "support/fakerestartbackend.h"
#include "support/manualclock.h"
#include "support/sampleproduct.h"
#include "ui/filesinusedialog.h"
#include "ui/installwizard.h"

#include <QAbstractButton>
#include <QApplication>
#include <QCheckBox>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalSpy>
#include <QTest>

using namespace Entracte;
using namespace Qt::StringLiterals;
using Temper = FakeRestartBackend::Temper;

/// The dialog as a view, and the wizard around it: what a person may press, what is said aloud.
class tst_FilesInUseDialog : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void enterClosesAndEscapeCancels_data();
    void enterClosesAndEscapeCancels();
    void rowsComeAndGoWhileItIsOpen();
    void whenTheLastOneIsGoneItMovesOnByItself();
    void forceIsOfferedOnlyAfterARefusal();
    void criticalApplicationsBlockClosing();
    void deferringIsOfferedOnlyWhereItIsPossible();
    void librariesOfEverybodyAreASentenceNotARow();
    void whileClosingOnlyStoppingIsLeft();
    void aQuestionCanBeBroughtToTheFront();
    void everyControlHasANameToReadAloud();
    void theWizardWorksByKeyboardAlone_data();
    void theWizardWorksByKeyboardAlone();

private:
    void finish(std::unique_ptr<Job> job);
    void show();
    QPushButton *button(const QString &text) const;

    FakeRestartBackend *m_backend = nullptr;
    std::unique_ptr<RestartSession> m_session;
    std::unique_ptr<AffectedApplicationModel> m_model;
    std::unique_ptr<FilesInUseDialog> m_dialog;
    QList<FilesInUseAnswer> m_answers;
};

void tst_FilesInUseDialog::init()
{
    m_dialog.reset();
    m_model.reset();
    auto backend = std::make_unique<FakeRestartBackend>();
    m_backend = backend.get();
    m_session = std::make_unique<RestartSession>(std::move(backend));
    m_model = std::make_unique<AffectedApplicationModel>(m_session.get());
    m_answers.clear();
}

void tst_FilesInUseDialog::finish(std::unique_ptr<Job> job)
{
    bool isFinished = false;
    connect(job.get(), &Job::finished, this, [&] { isFinished = true; });
    job->start();
    QTRY_VERIFY(isFinished);
}

void tst_FilesInUseDialog::show()
{
    finish(m_session->list());
    m_dialog = std::make_unique<FilesInUseDialog>(u"Sample"_s, *m_model);
    connect(m_dialog.get(), &FilesInUseDialog::answered, this,
            [this](const FilesInUseAnswer &answer) { m_answers.append(answer); });
    m_dialog->ask();
    QVERIFY(QTest::qWaitForWindowExposed(m_dialog.get()));
}

QPushButton *tst_FilesInUseDialog::button(const QString &text) const
{
    for (QPushButton *each : m_dialog->findChildren<QPushButton *>())
        if (each->accessibleName() == text)
            return each;
    return nullptr;
}

void tst_FilesInUseDialog::enterClosesAndEscapeCancels_data()
{
    QTest::addColumn<int>("key");
    QTest::addColumn<FilesInUseDecision>("decision");

    QTest::newRow("enter") << int(Qt::Key_Return) << FilesInUseDecision::CloseApplications;
    QTest::newRow("escape") << int(Qt::Key_Escape) << FilesInUseDecision::Cancel;
}

void tst_FilesInUseDialog::enterClosesAndEscapeCancels()
{
    QFETCH(const int, key);
    QFETCH(const FilesInUseDecision, decision);
    m_backend->add(u"Aurora"_s, Temper::Polite);
    show();

    QTest::keyClick(m_dialog.get(), Qt::Key(key));

    QCOMPARE(m_answers.size(), 1);
    QCOMPARE(m_answers.first().decision, decision);
}

void tst_FilesInUseDialog::rowsComeAndGoWhileItIsOpen()
{
    m_backend->add(u"Aurora"_s, Temper::Polite);
    show();

    m_backend->add(u"Newcomer"_s, Temper::Polite);
    finish(m_session->list());

    bool isShown = false;
    for (const QLabel *label : m_dialog->findChildren<QLabel *>())
        isShown = isShown || label->text() == u"Newcomer"_s;
    QVERIFY(isShown);
    QVERIFY(m_answers.isEmpty());
}

void tst_FilesInUseDialog::whenTheLastOneIsGoneItMovesOnByItself()
{
    m_backend->add(u"Gone"_s, Temper::Vanishes);
    show();

    finish(m_session->shutdown(ShutdownType::Graceful)); // it vanishes at the first touch
    finish(m_session->list());

    QCOMPARE(m_answers.size(), 1);
    QCOMPARE(m_answers.first().decision, FilesInUseDecision::Retry);
}

void tst_FilesInUseDialog::forceIsOfferedOnlyAfterARefusal()
{
    m_backend->add(u"Stubborn"_s, Temper::Refuses);
    show();
    auto *force = m_dialog->findChild<QCheckBox *>();
    QVERIFY(force->isHidden());

    finish(m_session->shutdown(ShutdownType::Graceful));
    finish(m_session->list());
    QVERIFY(!force->isHidden());
    force->setChecked(true);
    QTest::keyClick(m_dialog.get(), Qt::Key_Return);

    QCOMPARE(m_answers.size(), 1);
    QCOMPARE(m_answers.first().decision, FilesInUseDecision::ForceClose);
    QCOMPARE(m_answers.first().forced, QList({m_session->applications().first().process}));
}

void tst_FilesInUseDialog::criticalApplicationsBlockClosing()
{
    m_backend->add(u"Desktop"_s, Temper::Polite);
    m_backend->last().type = ApplicationType::Critical;
    show();

    QVERIFY(!button(u"Close and Continue"_s)->isEnabled());
    QStringList said;
    for (const QLabel *label : m_dialog->findChildren<QLabel *>())
        said.append(label->text());
    const QString text = said.join(u'\n');
    QVERIFY2(text.contains(u"must stay open, so the files cannot be freed"_s), qPrintable(text));
    QVERIFY2(text.contains(u"with the computer at the latest"_s), qPrintable(text));
    QVERIFY(button(u"Continue Without Closing"_s)->isEnabled());
}

void tst_FilesInUseDialog::deferringIsOfferedOnlyWhereItIsPossible()
{
    m_backend->add(u"Aurora"_s, Temper::Polite);
    show();
    const QString name = u"Install When They Are Closed"_s;
    QVERIFY(button(name)->isHidden());

    m_dialog->setCanDefer(true);
    QVERIFY(!button(name)->isHidden());
    m_dialog->showClosing();
    QVERIFY(button(name)->isHidden());
    m_dialog->ask();
    QTest::keyClick(button(name), Qt::Key_Space);

    QCOMPARE(m_answers.size(), 1);
    QCOMPARE(m_answers.first().decision, FilesInUseDecision::Defer);
}

void tst_FilesInUseDialog::librariesOfEverybodyAreASentenceNotARow()
{
    const auto says = [this](const QString &word) {
        const QList<QLabel *> labels = m_dialog->findChildren<QLabel *>();
        return std::any_of(labels.cbegin(), labels.cend(),
                           [&word](const QLabel *label) { return label->text().contains(word); });
    };
    m_backend->add(u"Aurora"_s, Temper::Polite);
    show();
    QVERIFY(!says(u"nearly every program"_s));
    QVERIFY(!says(u"of other users"_s));

    m_backend->ubiquitous = {u"/usr/lib/libc.so.6"_s};
    m_backend->notInspected = 3;
    show();

    QVERIFY(says(u"nearly every program"_s));
    QVERIFY(says(u"3 process(es) of other users"_s) || says(u"3 processes of other users"_s));
    QCOMPARE(m_model->rowCount(), 1);
}

void tst_FilesInUseDialog::whileClosingOnlyStoppingIsLeft()
{
    m_backend->add(u"Editor"_s, Temper::WaitsForUser);
    show();
    const QSignalSpy stops(m_dialog.get(), &FilesInUseDialog::stopRequested);

    m_dialog->showClosing();
    QTest::keyClick(m_dialog.get(), Qt::Key_Escape);

    QVERIFY(!button(u"Close and Continue"_s)->isVisible());
    QCOMPARE(stops.count(), 1);
    QVERIFY(m_answers.isEmpty());
}

void tst_FilesInUseDialog::aQuestionCanBeBroughtToTheFront()
{
    m_backend->add(u"Kate & Co"_s, Temper::WaitsForUser);
    show();
    QPushButton *const showIt = button(u"Show the question of Kate & Co"_s);
    QVERIFY(showIt);
    QVERIFY(showIt->isHidden()); // it asks nothing yet
    QList<UniqueProcess> wanted;
    connect(m_dialog.get(), &FilesInUseDialog::questionWanted, this,
            [&](const UniqueProcess &process) {
                wanted.append(process);
                m_session->showQuestion(process);
            });
    m_dialog->showClosing();

    const auto shutdown = m_session->shutdown(ShutdownType::Graceful);
    shutdown->start();
    QTRY_VERIFY(showIt->isVisible());
    QCOMPARE(showIt->text(), u"&Show the question of Kate && Co"_s);
    showIt->setFocus(Qt::TabFocusReason);
    QTest::keyClick(showIt, Qt::Key_Space);

    const UniqueProcess process = m_session->applications().first().process;
    QCOMPARE(wanted, QList<UniqueProcess>({process}));
    QCOMPARE(m_backend->shown, QList<UniqueProcess>({process}));
    m_backend->refuse(u"Kate & Co"_s);
    QTRY_VERIFY(showIt->isHidden());
}

void tst_FilesInUseDialog::everyControlHasANameToReadAloud()
{
    m_backend->add(u"Aurora"_s, Temper::Polite);
    show();
    SampleProduct product;
    const Manifest manifest = product.offer(u"1.0"_s, {{u"app"_s, "one"}});
    InstallWizard wizard(
        manifest, {},
        {std::make_unique<FakeRestartBackend>(), std::make_shared<ManualClock>(), nullptr, {}, {}});
    wizard.show();

    for (QWidget *window : QList<QWidget *>{m_dialog.get(), &wizard}) {
        for (const QWidget *control : window->findChildren<QWidget *>()) {
            const bool isControl = control->focusPolicy() != Qt::NoFocus
                                && !control->objectName().startsWith(u"qt_"_s);
            const auto *asButton = qobject_cast<const QAbstractButton *>(control);
            if (!isControl || (asButton && !asButton->text().isEmpty())
                || qobject_cast<const QLabel *>(control))
                continue;
            QVERIFY2(!control->accessibleName().isEmpty(), control->metaObject()->className());
        }
    }
}

void tst_FilesInUseDialog::theWizardWorksByKeyboardAlone_data()
{
    QTest::addColumn<Qt::LayoutDirection>("direction");
    QTest::newRow("left to right") << Qt::LeftToRight;
    QTest::newRow("right to left") << Qt::RightToLeft;
}

void tst_FilesInUseDialog::theWizardWorksByKeyboardAlone()
{
    QFETCH(const Qt::LayoutDirection, direction);
    SampleProduct product;
    Manifest manifest = product.offer(u"1.0"_s, {{u"app"_s, "one"}});
    SampleProduct::write(product.folder() + u"/licence.md"_s, "Do as you please.");
    manifest.branding.licence = product.folder() + u"/licence.md"_s;
    InstallWizard wizard(
        manifest, {},
        {std::make_unique<FakeRestartBackend>(), std::make_shared<ManualClock>(), nullptr, {}, {}});
    wizard.setLayoutDirection(direction);
    wizard.show();
    QVERIFY(QTest::qWaitForWindowActive(&wizard));

    QTest::keyClick(&wizard, Qt::Key_Return); // the licence is not accepted yet
    QCOMPARE(wizard.currentId(), int(InstallWizard::WelcomePageId));
    auto *accept = wizard.findChild<QCheckBox *>();
    accept->setFocus(Qt::TabFocusReason);
    QTest::keyClick(accept, Qt::Key_Space);
    QTest::keyClick(&wizard, Qt::Key_Return);
    QCOMPARE(wizard.currentId(), int(InstallWizard::TargetPageId));
    QTest::keyClick(&wizard, Qt::Key_Return);
    QCOMPARE(wizard.currentId(), int(InstallWizard::ReadyPageId));
    QTRY_VERIFY(wizard.button(QWizard::CommitButton)->isEnabled());
    wizard.button(QWizard::CommitButton)->setFocus();
    QTest::keyClick(wizard.button(QWizard::CommitButton), Qt::Key_Space);

    QTRY_COMPARE(wizard.currentId(), int(InstallWizard::FinishedPageId));
    QCOMPARE(wizard.exitCode(), ExitCode::Done);
    QCOMPARE(product.installed(), SampleProduct::Tree({{u"app"_s, "one"}}));
}

QTEST_MAIN(tst_FilesInUseDialog)
#include "tst_filesinusedialog.moc"
