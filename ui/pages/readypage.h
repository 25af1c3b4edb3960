// SPDX-License-Identifier: MIT
#pragma once

#include <QWizardPage>

class QLabel;
class QProgressBar;

namespace Entracte {

class InstallWizard;

/// What will happen, in words, before anything is touched: version, folder, size, and how many
/// applications will have to close.
class ReadyPage : public QWizardPage
{
    Q_OBJECT

public:
    explicit ReadyPage(InstallWizard &wizard);

    void initializePage() override;
    void cleanupPage() override;
    bool isComplete() const override;
    bool validatePage() override;

private:
    void refresh();

    InstallWizard &m_wizard;
    QProgressBar *m_busy;
    QLabel *m_what;
    QLabel *m_where;
    QLabel *m_applications;
};

} // namespace Entracte
