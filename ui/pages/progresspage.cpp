// SPDX-License-Identifier: MIT
#include "ui/pages/progresspage.h"

#include "ui/installwizard.h"

#include <QAbstractButton>
#include <QLabel>
#include <QProgressBar>
#include <QVBoxLayout>

namespace Entracte {

static constexpr int barSteps = 1000;

ProgressPage::ProgressPage(InstallWizard &wizard)
    : m_wizard(wizard)
    , m_state(new QLabel(this))
    , m_bar(new QProgressBar(this))
{
    setTitle(tr("Installing", "progress page, title"));
    setSubTitle(
        tr("Your applications stay open until everything is prepared.", "progress page, subtitle"));
    m_state->setWordWrap(true);
    m_bar->setRange(0, barSteps);
    m_bar->setAccessibleName(tr("Progress", "progress page"));

    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(12);
    layout->addWidget(m_state);
    layout->addWidget(m_bar);
    layout->addStretch();
    connect(&wizard.engine(), &InstallEngine::stateChanged, this, &ProgressPage::showState);
    connect(&wizard.engine(), &InstallEngine::progressChanged, this, &ProgressPage::showProgress);
}

static QString sentenceFor(InstallEngine::State state)
{
    using State = InstallEngine::State;
    switch (state) {
    case State::Extracting:
        return ProgressPage::tr("Preparing the new version…", "progress page");
    case State::CheckingFilesInUse:
        return ProgressPage::tr("Looking for applications that use the files…", "progress page");
    case State::AwaitingDecision:
        return ProgressPage::tr("Waiting for your decision…", "progress page");
    case State::ShuttingDown:
        return ProgressPage::tr("Waiting for applications to close…", "progress page");
    case State::AwaitingPrimary:
        return ProgressPage::tr("Waiting for the installation that started this one…",
                                "progress page");
    case State::RunningChain:
        return ProgressPage::tr("Installing what belongs to it…", "progress page");
    case State::Committing:
        return ProgressPage::tr("Putting the new version in place…", "progress page");
    case State::RollingBack:
        return ProgressPage::tr("Restoring what was there before…", "progress page");
    case State::Relaunching:
        return ProgressPage::tr("Opening your applications again…", "progress page");
    case State::Ready:
    case State::Detecting:
    case State::Planning:
    case State::Reviewing:
    case State::Succeeded:
    case State::Failed:
    case State::Cancelled:
        break;
    }
    return {};
}

void ProgressPage::showState(InstallEngine::State state)
{
    if (const QString sentence = sentenceFor(state); !sentence.isEmpty())
        m_state->setText(sentence);
    m_wizard.button(QWizard::CancelButton)
        ->setEnabled(m_wizard.engine().canCancel() || state == InstallEngine::State::Ready);
}

void ProgressPage::showProgress(qint64 done, qint64 total)
{
    if (total > 0)
        m_bar->setValue(qMax(m_bar->value(), int(double(done) / double(total) * barSteps)));
}

} // namespace Entracte
