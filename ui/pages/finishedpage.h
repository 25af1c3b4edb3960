// SPDX-License-Identifier: MIT
#pragma once

#include <QWizardPage>

class QLabel;

namespace Entracte {

class InstallWizard;

/// How it ended: one sentence, then what became of the applications that were closed.
class FinishedPage : public QWizardPage
{
    Q_OBJECT

public:
    explicit FinishedPage(InstallWizard &wizard);

    void initializePage() override;

private:
    InstallWizard &m_wizard;
    QLabel *m_message;
    QLabel *m_details;
};

} // namespace Entracte
