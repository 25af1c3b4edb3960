// SPDX-License-Identifier: MIT
#include "ui/pages/finishedpage.h"

#include "ui/installwizard.h"
#include "ui/logoutoffer.h"
#include "ui/restartoffer.h"

#include <QAbstractButton>
#include <QLabel>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace Entracte {

static QString titleFor(InstallEngine::State state)
{
    switch (state) {
    case InstallEngine::State::Succeeded:
        return FinishedPage::tr("All Done", "finished page, title");
    case InstallEngine::State::Deferred:
        return FinishedPage::tr("Ready, and Waiting", "finished page, title");
    case InstallEngine::State::Cancelled:
        return FinishedPage::tr("Cancelled", "finished page, title");
    default:
        return FinishedPage::tr("It Did Not Work", "finished page, title");
    }
}

/// Those whom closing is enough for; what the others need is the offer to restart or to log out.
static QList<AffectedApplication> oldUntilClosed(const InstallOutcome &outcome)
{
    QList<AffectedApplication> old;
    for (const AffectedApplication &application : outcome.keptOldVersion)
        if (application.requiredLevel < RestartLevel::Session)
            old.append(application);
    return old;
}

static QStringList detailsOf(const InstallOutcome &outcome)
{
    QStringList lines;
    if (!outcome.reopened.isEmpty())
        lines.append(FinishedPage::tr("%1 was closed and is open again.", "finished page",
                                      int(outcome.reopened.size()))
                         .arg(namesOf(outcome.reopened)));
    for (const AffectedApplication &application : outcome.notReopened)
        lines.append(FinishedPage::tr("%1 could not be opened again. %2",
                                      "finished page: an application, the reason as a sentence")
                         .arg(application.name, application.reason));
    if (const QList<AffectedApplication> old = oldUntilClosed(outcome); !old.isEmpty())
        lines.append(FinishedPage::tr("%1 uses the old version until it is closed.",
                                      "finished page", int(old.size()))
                         .arg(namesOf(old)));
    if (const QString advice = outcome.advice(); !advice.isEmpty())
        lines.append(advice);
    for (const ChainedOutcome &chained : outcome.chained)
        lines.append(
            chained.isInstalled()
                ? FinishedPage::tr("%1 was installed too.", "finished page").arg(chained.name)
                : chained.problem);
    for (const QString &backup : outcome.backups)
        lines.append(
            FinishedPage::tr("A file that somebody had changed was kept as “%1”.", "finished page")
                .arg(backup));
    return lines;
}

FinishedPage::FinishedPage(InstallWizard &wizard, std::shared_ptr<Clock> clock)
    : m_wizard(wizard)
    , m_message(new QLabel(this))
    , m_details(new QLabel(this))
    , m_restart(new RestartOffer(std::move(clock), this))
    , m_logOut(new LogOutOffer(this))
{
    setTitle(titleFor(InstallEngine::State::Succeeded));
    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(12);
    for (QLabel *label : {m_message, m_details}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        layout->addWidget(label);
    }
    layout->addWidget(m_restart);
    layout->addWidget(m_logOut);
    layout->addStretch();
    setFinalPage(true);
    connect(m_restart, &RestartOffer::changed, this, [this] {
        nameTheEnd();
        emit completeChanged();
    });
    connect(m_logOut, &LogOutOffer::changed, this, &FinishedPage::nameTheEnd);
}

void FinishedPage::initializePage()
{
    const InstallOutcome &outcome = m_wizard.engine().outcome();
    setTitle(titleFor(m_wizard.engine().state()));
    m_message->setText(outcome.message);
    m_details->setText(detailsOf(outcome).join(u"\n\n"_s));
    m_restart->present(m_wizard.engine());
    if (LogOut *const logOut = m_wizard.engine().logOut();
        logOut && outcome.advisedLevel == RestartLevel::Session)
        m_logOut->present(*logOut);
}

bool FinishedPage::isComplete() const
{
    return !m_restart->isScheduled();
}

bool FinishedPage::cancelRestart()
{
    const bool wasScheduled = m_restart->isScheduled();
    m_restart->cancelRestart();
    return wasScheduled;
}

// With something to decide about, to end here is a decision too, and the default one.
void FinishedPage::nameTheEnd()
{
    if (!m_restart->isOpen() && !m_logOut->isOpen())
        return;
    const QString text = m_restart->isOpen() ? tr("Restart &Later", "finished page, button")
                                             : tr("Log Out L&ater", "finished page, button");
    setButtonText(QWizard::FinishButton, text);
    m_wizard.button(QWizard::FinishButton)->setAccessibleName(QString(text).remove(u'&'));
}

} // namespace Entracte

#include "moc_finishedpage.cpp"
