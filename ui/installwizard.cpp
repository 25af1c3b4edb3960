// SPDX-License-Identifier: MIT
#include "ui/installwizard.h"

#include "restart/affectedapplicationmodel.h"
#include "ui/filesinusedialog.h"
#include "ui/pages/finishedpage.h"
#include "ui/pages/progresspage.h"
#include "ui/pages/readypage.h"
#include "ui/pages/targetpage.h"
#include "ui/pages/welcomepage.h"

#include <QAbstractButton>
#include <QApplication>

namespace Entracte {

using State = InstallEngine::State;

template <typename Answer>
static void fulfil(std::unique_ptr<QPromise<Answer>> &promise, const Answer &answer)
{
    if (!promise)
        return;
    const std::unique_ptr<QPromise<Answer>> asked = std::move(promise);
    asked->addResult(answer);
    asked->finish();
}

template <typename Answer>
static QFuture<Answer> ask(std::unique_ptr<QPromise<Answer>> &promise)
{
    promise = std::make_unique<QPromise<Answer>>();
    promise->start();
    return promise->future();
}

InstallWizard::InstallWizard(const Manifest &manifest, const InstallOptions &options,
                             InstallEngine::Ports ports)
    : m_brand(manifest.branding, QApplication::palette())
    , m_options(options)
    , m_clock(ports.clock)
    , m_engine(std::make_unique<InstallEngine>(manifest, *this, std::move(ports)))
{
    if (m_options.targetDirectory.isEmpty())
        m_options.targetDirectory = manifest.targetDirectory;
    dress();
    addPages();
    connect(m_engine.get(), &InstallEngine::stateChanged, this, &InstallWizard::followState);
    connect(m_engine.get(), &InstallEngine::finished, this, &InstallWizard::showOutcome,
            Qt::QueuedConnection);
}

InstallWizard::~InstallWizard() = default;

void InstallWizard::dress()
{
    setWindowTitle(tr("%1 Setup", "wizard, window title").arg(manifest().product.name));
    setAccessibleName(windowTitle());
    setWindowIcon(m_brand.icon());
    setPalette(m_brand.accented());
    setWizardStyle(QWizard::ModernStyle);
    setOption(QWizard::NoBackButtonOnStartPage);
    setOption(QWizard::NoBackButtonOnLastPage);
    setOption(QWizard::NoCancelButtonOnLastPage);
    setSideWidget(new BrandBand(m_brand));
    setButtonText(QWizard::CommitButton, tr("&Install", "wizard, button"));
    for (const WizardButton which :
         {BackButton, NextButton, CommitButton, FinishButton, CancelButton})
        button(which)->setAccessibleName(
            buttonText(which).remove(u'&').remove(u'<').remove(u'>').trimmed());
    resize(fontMetrics().averageCharWidth() * 100, fontMetrics().height() * 30);
}

void InstallWizard::addPages()
{
    setPage(WelcomePageId, new WelcomePage(*this));
    setPage(TargetPageId, new TargetPage(*this));
    setPage(ReadyPageId, new ReadyPage(*this));
    setPage(ProgressPageId, new ProgressPage(*this, m_clock));
    m_finishedPage = new FinishedPage(*this, m_clock);
    setPage(FinishedPageId, m_finishedPage);
}

void InstallWizard::insertPageBefore(PageId id, QWizardPage *added)
{
    int free = id - 1;
    while (page(free))
        --free;
    // Earlier insertions keep their place: the newest stands closest to id.
    for (int moved = free; moved < id - 1; ++moved) {
        QWizardPage *earlier = page(moved + 1);
        removePage(moved + 1);
        setPage(moved, earlier);
    }
    setPage(id - 1, added);
}

void InstallWizard::prepare()
{
    m_review.reset();
    if (m_engine->state() == State::Ready)
        m_engine->start(m_options);
    else
        m_startsWhenReady = true;
}

void InstallWizard::revise()
{
    m_review.reset();
    fulfil(m_reviewAnswer, ReviewDecision::Revise);
}

void InstallWizard::confirm()
{
    fulfil(m_reviewAnswer, ReviewDecision::Install);
}

QFuture<ReviewDecision> InstallWizard::review(const InstallReview &review)
{
    const bool isOutdated = m_startsWhenReady || currentId() != ReadyPageId;
    if (isOutdated)
        return QtFuture::makeReadyFuture(ReviewDecision::Revise);

    m_review = review;
    const QFuture<ReviewDecision> answer = ask(m_reviewAnswer);
    emit reviewChanged();
    return answer;
}

QFuture<FilesInUseAnswer> InstallWizard::askFilesInUse(const AffectedApplicationModel &model)
{
    if (!m_dialog) {
        m_dialog = new FilesInUseDialog(manifest().product.name, model, this);
        m_dialog->setPalette(palette()); // windows do not inherit it
        connect(m_dialog, &FilesInUseDialog::answered, this,
                [this](const FilesInUseAnswer &answer) { fulfil(m_filesInUseAnswer, answer); });
        connect(m_dialog, &FilesInUseDialog::stopRequested, m_engine.get(), &InstallEngine::cancel);
        connect(m_dialog, &FilesInUseDialog::questionWanted, m_engine.get(),
                &InstallEngine::showQuestion);
        connect(m_dialog, &QObject::destroyed, this, [this] { m_filesInUseAnswer.reset(); });
    }
    const QFuture<FilesInUseAnswer> answer = ask(m_filesInUseAnswer);
    m_dialog->setCanDefer(m_engine->canDefer());
    m_dialog->ask();
    return answer;
}

void InstallWizard::followState(State state)
{
    if (state == State::Ready && std::exchange(m_startsWhenReady, false))
        QMetaObject::invokeMethod(this, &InstallWizard::prepare, Qt::QueuedConnection);
    if (!m_dialog)
        return;
    if (state == State::ShuttingDown)
        m_dialog->showClosing();
    else if (state != State::AwaitingDecision && state != State::CheckingFilesInUse)
        m_dialog->hide();
}

void InstallWizard::showOutcome()
{
    m_isOver = true;
    const bool nothingHappened =
        currentId() == ReadyPageId && m_engine->state() == State::Cancelled;
    if (nothingHappened)
        return QWizard::reject();
    while (currentId() != FinishedPageId)
        next();
}

void InstallWizard::reject()
{
    const bool isAtWork = m_engine->state() != State::Ready && !m_isOver;
    if (isAtWork)
        return m_engine->cancel();
    // A window that goes takes with it the button that cancels; so it cancels first, and says so.
    if (m_finishedPage->cancelRestart())
        return;
    QWizard::reject();
}

ExitCode InstallWizard::exitCode() const
{
    return m_isOver ? m_engine->outcome().exitCode : ExitCode::Cancelled;
}

} // namespace Entracte

#include "moc_installwizard.cpp"
