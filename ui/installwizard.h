// SPDX-License-Identifier: MIT
#pragma once

#include "engine/installengine.h"
#include "engine/uidelegate.h"
#include "ui/brand.h"

#include <QPromise>
#include <QWizard>

#include <memory>
#include <optional>

namespace Entracte {

class FilesInUseDialog;
class FinishedPage;

/// The installer as a person sees it: welcome and licence, target, ready, progress, finished, with
/// the files-in-use dialog on top. It drives an InstallEngine and answers its questions.
///
/// Page ids are spaced so that a page of your own goes between: insertPageBefore(ReadyPage, page).
class InstallWizard : public QWizard, public UiDelegate
{
    Q_OBJECT

public:
    enum PageId {
        WelcomePageId = 100,
        TargetPageId = 200,
        ReadyPageId = 300,
        ProgressPageId = 400,
        FinishedPageId = 500,
    };

    InstallWizard(const Manifest &manifest, const InstallOptions &options,
                  InstallEngine::Ports ports = InstallEngine::Ports::real());
    ~InstallWizard() override;

    /// Adds \a page so that it is shown right before \a id; takes ownership.
    void insertPageBefore(PageId id, QWizardPage *page);

    InstallEngine &engine() { return *m_engine; }
    const Manifest &manifest() const { return m_engine->manifest(); }
    const Brand &brand() const { return m_brand; }
    InstallOptions &options() { return m_options; }
    const std::optional<InstallReview> &currentReview() const { return m_review; }

    /// Begins to look at target and payload with the current options; reviewChanged() follows, or
    /// the wizard goes to its last page with the error.
    void prepare();

    /// Forgets a review: the person went back to choose something else.
    void revise();

    /// The person agreed to what the review says.
    void confirm();

    /// 0 or the reason why not, for the process's exit status.
    ExitCode exitCode() const;

    QFuture<ReviewDecision> review(const InstallReview &review) override;
    QFuture<FilesInUseAnswer> askFilesInUse(const AffectedApplicationModel &model) override;

    /// Cancel, Escape and the window's own button: stops the engine first if it works.
    void reject() override;

signals:
    void reviewChanged();

private:
    void addPages();
    void dress();
    void followState(InstallEngine::State state);
    void showOutcome();

    Brand m_brand;
    InstallOptions m_options;
    std::shared_ptr<Clock> m_clock;
    std::unique_ptr<InstallEngine> m_engine;
    FilesInUseDialog *m_dialog = nullptr;
    FinishedPage *m_finishedPage = nullptr;
    std::optional<InstallReview> m_review;
    std::unique_ptr<QPromise<ReviewDecision>> m_reviewAnswer;
    std::unique_ptr<QPromise<FilesInUseAnswer>> m_filesInUseAnswer;
    bool m_startsWhenReady = false;
    bool m_isOver = false;
};

} // namespace Entracte
