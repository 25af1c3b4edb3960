// SPDX-License-Identifier: MIT
#pragma once

#include <QWizardPage>

class QCheckBox;

namespace Entracte {

class InstallWizard;

/// Greeting and licence. The box is never ticked for the person; without a licence there is none.
class WelcomePage : public QWizardPage
{
    Q_OBJECT

public:
    explicit WelcomePage(InstallWizard &wizard);

    bool isComplete() const override;

private:
    QCheckBox *m_accept = nullptr;
};

} // namespace Entracte
