// SPDX-License-Identifier: MIT
#pragma once

#include "engine/installengine.h"
#include "ui/remainingtime.h"

#include <QWizardPage>

#include <memory>
#include <optional>

class QLabel;
class QProgressBar;

namespace Entracte {

class InstallWizard;

/// What is being done, in one sentence; how far it is in bytes; and, while it is being prepared,
/// how much is left of that. Waiting for people does not move the bar and is no part of the time;
/// nothing moves the bar back.
class ProgressPage : public QWizardPage
{
    Q_OBJECT

public:
    ProgressPage(InstallWizard &wizard, std::shared_ptr<Clock> clock);

    bool isComplete() const override { return false; } ///< the wizard moves on by itself

private:
    void showState(InstallEngine::State state);
    void showProgress(qint64 done, qint64 total);
    void tell(qint64 done, qint64 total);
    void fallSilent();

    InstallWizard &m_wizard;
    std::shared_ptr<Clock> m_clock;
    QLabel *m_state;
    QProgressBar *m_bar;
    QLabel *m_rest;
    RemainingTime m_remaining;
    std::optional<std::chrono::seconds> m_told;
    std::optional<std::chrono::milliseconds> m_toldAt;
};

} // namespace Entracte
