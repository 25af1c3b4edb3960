// SPDX-License-Identifier: MIT
#pragma once

#include <QWizardPage>

class QLabel;
class QLineEdit;

namespace Entracte {

class InstallWizard;

/// Where the product goes, and how much room there is.
class TargetPage : public QWizardPage
{
    Q_OBJECT

public:
    explicit TargetPage(InstallWizard &wizard);

    bool isComplete() const override;
    bool validatePage() override;

private:
    void browse();
    void refresh();

    InstallWizard &m_wizard;
    QLineEdit *m_folder;
    QLabel *m_room;
};

} // namespace Entracte
