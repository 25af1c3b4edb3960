// SPDX-License-Identifier: MIT
#include "core/translators.h"
#include "restart/affectedapplicationmodel.h"
#include "restart/restartsession.h"
#include "support/fakerestartbackend.h"
#include "support/manualclock.h"
#include "support/sampleproduct.h"
#include "ui/filesinusedialog.h"
#include "ui/installwizard.h"

#include <QAbstractButton>
#include <QCheckBox>
#include <QDir>
#include <QKeySequence>
#include <QLabel>
#include <QTest>
#include <QTranslator>

using namespace Entracte;
using namespace Qt::StringLiterals;
using Temper = FakeRestartBackend::Temper;

/// Alt and a letter does one thing: in every language that is shipped, in every state of every page
/// and dialog, no two enabled controls share a letter. The rows of a list may: it goes through
/// them.
class tst_Mnemonics : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void theFilesInUseDialogHasEachOnce_data() { everyLanguage(); }
    void theFilesInUseDialogHasEachOnce();
    void thePagesOfTheWizardHaveEachOnce_data() { everyLanguage(); }
    void thePagesOfTheWizardHaveEachOnce();

private:
    static void everyLanguage();

    std::unique_ptr<SampleProduct> m_product;
};

void tst_Mnemonics::everyLanguage()
{
    QTest::addColumn<QString>("language");
    installTranslators(u"en"_s); // makes the catalogues known
    for (const QString &catalogue : QDir(u":/i18n"_s).entryList({u"entracte_*.qm"_s})) {
        const QString language = catalogue.section(u'_', 1).section(u'.', 0, 0);
        QTest::newRow(qPrintable(language)) << language;
    }
}

void tst_Mnemonics::init()
{
    QFETCH(const QString, language);
    QVERIFY(installTranslators(language).startsWith(language));
    m_product = std::make_unique<SampleProduct>();
}

void tst_Mnemonics::cleanup()
{
    for (QTranslator *translator : qApp->findChildren<QTranslator *>())
        delete translator;
}

/// The texts of what can be reached in \a window now, by their letter; one text twice counts once.
static QMultiMap<QString, QString> mnemonicsOf(const QWidget &window)
{
    QMultiMap<QString, QString> texts;
    const auto note = [&texts](const QString &text) {
        const QString letter = QKeySequence::mnemonic(text).toString();
        if (!letter.isEmpty() && !texts.contains(letter, text))
            texts.insert(letter, text);
    };
    for (const auto *button : window.findChildren<const QAbstractButton *>())
        if (button->isVisible() && button->isEnabled())
            note(button->text());
    for (const auto *label : window.findChildren<const QLabel *>())
        if (label->isVisible() && label->buddy() && label->buddy()->isEnabled())
            note(label->text());
    return texts;
}

/// Two texts with one letter, or nothing.
static QString clashIn(const QWidget &window)
{
    const QMultiMap<QString, QString> texts = mnemonicsOf(window);
    for (const QString &letter : texts.uniqueKeys())
        if (const QStringList same = texts.values(letter); same.size() > 1)
            return same.join(u" / "_s);
    return {};
}

void tst_Mnemonics::theFilesInUseDialogHasEachOnce()
{
    auto owned = std::make_unique<FakeRestartBackend>();
    FakeRestartBackend &backend = *owned;
    RestartSession session(std::move(owned));
    const AffectedApplicationModel model(&session);
    for (const QString &name : {u"Aurora"_s, u"Kate"_s})
        backend.add(name, Temper::Refuses);
    backend.add(u"Words & Co"_s, Temper::WaitsForUser);
    const auto list = session.list();
    list->start();
    QTRY_COMPARE(session.inTheWay().size(), 3);
    FilesInUseDialog dialog(u"Sample"_s, model);

    dialog.ask();
    QVERIFY(mnemonicsOf(dialog).size() > 1);
    QCOMPARE(clashIn(dialog), QString());

    dialog.showClosing();
    const auto shutdown = session.shutdown(ShutdownType::Graceful);
    shutdown->start();
    QTRY_COMPARE(session.inTheWay().constLast().closing, ClosingState::WaitingForUser);
    QCOMPARE(clashIn(dialog), QString());

    backend.refuse(u"Words & Co"_s);
    QTRY_VERIFY(!shutdown->isRunning());
    dialog.ask();
    QCOMPARE(clashIn(dialog), QString());

    const QList<QCheckBox *> force = dialog.findChildren<QCheckBox *>();
    QCOMPARE(force.size(), 3);
    QVERIFY(force.constFirst()->isVisible());
    force.constFirst()->setChecked(true);
    QCOMPARE(clashIn(dialog), QString());
}

void tst_Mnemonics::thePagesOfTheWizardHaveEachOnce()
{
    Manifest manifest = m_product->offer(u"1.0"_s, {{u"app"_s, "one"}});
    SampleProduct::write(m_product->folder() + u"/licence.md"_s, "Do as you please.");
    manifest.branding.licence = m_product->folder() + u"/licence.md"_s;
    InstallWizard wizard(
        manifest, {},
        {std::make_unique<FakeRestartBackend>(), std::make_shared<ManualClock>(), nullptr, {}, {}});
    QSet<int> seen;
    const auto check = [&] {
        seen.insert(wizard.currentId());
        QVERIFY2(clashIn(wizard).isEmpty(), qPrintable(clashIn(wizard)));
    };
    connect(&wizard, &QWizard::currentIdChanged, this, check, Qt::QueuedConnection);
    wizard.show();
    check();

    wizard.findChild<QCheckBox *>()->setChecked(true);
    check();
    for (const InstallWizard::PageId page :
         {InstallWizard::TargetPageId, InstallWizard::ReadyPageId}) {
        wizard.next();
        QCOMPARE(wizard.currentId(), int(page));
        check();
    }
    QAbstractButton *const commit = wizard.button(QWizard::CommitButton);
    QTRY_VERIFY(commit->isEnabled());
    check();
    commit->click();
    check();
    QTRY_COMPARE(wizard.currentId(), int(InstallWizard::FinishedPageId));
    check();
    QVERIFY(seen.size() >= 5);
}

QTEST_MAIN(tst_Mnemonics)
#include "tst_mnemonics.moc"
