// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"

#include <QWizardPage>

#include <memory>

class QLabel;

namespace Entracte {

class InstallWizard;
class LogOutOffer;
class RestartOffer;

/// How it ended: one sentence, then what became of the applications that were closed, and the
/// restart, or the logging out, if one is needed. While one is scheduled, the page is not over.
class FinishedPage : public QWizardPage
{
    Q_OBJECT

public:
    FinishedPage(InstallWizard &wizard, std::shared_ptr<Clock> clock);

    void initializePage() override;
    bool isComplete() const override;

    /// Takes back a scheduled restart: true if there was one, so that the window stays to say so.
    bool cancelRestart();

private:
    void nameTheEnd();

    InstallWizard &m_wizard;
    QLabel *m_message;
    QLabel *m_details;
    RestartOffer *m_restart;
    LogOutOffer *m_logOut;
};

} // namespace Entracte
