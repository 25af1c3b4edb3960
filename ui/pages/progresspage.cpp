// SPDX-License-Identifier: MIT
#include "ui/pages/progresspage.h"

#include "ui/installwizard.h"
#include "ui/sizetext.h"

#include <QAbstractButton>
#include <QLabel>
#include <QProgressBar>
#include <QVBoxLayout>

namespace Entracte {

using namespace std::chrono_literals;

static constexpr int barSteps = 1000;
static constexpr auto tellingInterval = 500ms; ///< numbers that flicker cannot be read

ProgressPage::ProgressPage(InstallWizard &wizard, std::shared_ptr<Clock> clock)
    : m_wizard(wizard)
    , m_clock(std::move(clock))
    , m_state(new QLabel(this))
    , m_bar(new QProgressBar(this))
    , m_rest(new QLabel(this))
{
    setTitle(tr("Installing", "progress page, title"));
    setSubTitle(
        tr("Your applications stay open until everything is prepared.", "progress page, subtitle"));
    m_state->setWordWrap(true);
    m_bar->setRange(0, barSteps);
    m_bar->setAccessibleName(tr("Progress", "progress page"));
    m_rest->setWordWrap(true);
    m_rest->setTextFormat(Qt::PlainText);

    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(12);
    layout->addWidget(m_state);
    layout->addWidget(m_bar);
    layout->addWidget(m_rest);
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
    case State::Deferring:
        return ProgressPage::tr("Leaving the new version to wait…", "progress page");
    case State::RollingBack:
        return ProgressPage::tr("Restoring what was there before…", "progress page");
    case State::Relaunching:
        return ProgressPage::tr("Opening your applications again…", "progress page");
    case State::Ready:
    case State::Detecting:
    case State::Planning:
    case State::Reviewing:
    case State::Succeeded:
    case State::Deferred:
    case State::Failed:
    case State::Cancelled:
        break;
    }
    return {};
}

/// Whole numbers below a gibibyte: the last digits would only run.
static QString amount(qint64 bytes)
{
    return sizeText(bytes, bytes < (qint64(1) << 30) ? 0 : 1);
}

static QString sentenceFor(qint64 done, qint64 total, std::chrono::seconds left)
{
    const int seconds = int(left.count());
    const QString sentence =
        seconds < 60 ? ProgressPage::tr("%1 of %2, about %n second(s) left",
                                        "progress page; %1 and %2 are sizes", seconds)
                     : ProgressPage::tr("%1 of %2, about %n minute(s) left",
                                        "progress page; %1 and %2 are sizes", seconds / 60);
    return sentence.arg(amount(done), amount(total));
}

void ProgressPage::showState(InstallEngine::State state)
{
    if (const QString sentence = sentenceFor(state); !sentence.isEmpty())
        m_state->setText(sentence);
    m_wizard.button(QWizard::CancelButton)
        ->setEnabled(m_wizard.engine().canCancel() || state == InstallEngine::State::Ready);
    if (state == InstallEngine::State::Extracting) {
        m_remaining.start(m_clock->now());
    } else {
        m_remaining.pause(m_clock->now());
        fallSilent();
    }
}

void ProgressPage::showProgress(qint64 done, qint64 total)
{
    if (total <= 0)
        return;
    m_bar->setValue(qMax(m_bar->value(), int(double(done) / double(total) * barSteps)));
    if (m_wizard.engine().state() == InstallEngine::State::Extracting)
        tell(done, total);
}

void ProgressPage::tell(qint64 done, qint64 total)
{
    const std::chrono::milliseconds now = m_clock->now();
    const std::optional<std::chrono::seconds> left = m_remaining.advance(now, done, total);
    if (!left)
        return fallSilent();
    if (m_toldAt && now - *m_toldAt < tellingInterval)
        return;
    m_toldAt = now;
    const QString sentence = sentenceFor(done, total, *left);
    // A screen reader may say every new name aloud: one for each new number of the time.
    if (std::exchange(m_told, left) != left)
        m_rest->setAccessibleName(sentence);
    m_rest->setText(sentence);
}

void ProgressPage::fallSilent()
{
    m_rest->clear();
    m_rest->setAccessibleName({});
    m_told.reset();
    m_toldAt.reset();
}

} // namespace Entracte

#include "moc_progresspage.cpp"
