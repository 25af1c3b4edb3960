// SPDX-License-Identifier: MIT
#pragma once

#include "engine/installengine.h"

#include <QWizardPage>

class QLabel;
class QProgressBar;

namespace Entracte {

class InstallWizard;

/// What is being done, in one sentence, and how far it is in bytes. Waiting for people does not
/// move the bar; nothing moves it back.
class ProgressPage : public QWizardPage
{
    Q_OBJECT

public:
    explicit ProgressPage(InstallWizard &wizard);

    bool isComplete() const override { return false; } ///< the wizard moves on by itself

private:
    void showState(InstallEngine::State state);
    void showProgress(qint64 done, qint64 total);

    InstallWizard &m_wizard;
    QLabel *m_state;
    QProgressBar *m_bar;
};

} // namespace Entracte
