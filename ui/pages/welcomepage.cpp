// SPDX-License-Identifier: MIT
#include "ui/pages/welcomepage.h"

#include "ui/installwizard.h"

#include <QCheckBox>
#include <QFile>
#include <QLabel>
#include <QLocale>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace Entracte {

static QString licenceText(const Manifest &manifest)
{
    QFile file(manifest.branding.licence.in(QLocale().name()));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

WelcomePage::WelcomePage(InstallWizard &wizard)
{
    const Product &product = wizard.manifest().product;
    setTitle(tr("Welcome to %1 %2", "welcome page, title")
                 .arg(product.name, product.version.toString()));
    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(10);

    auto *greeting = new QLabel(
        tr("Applications that are open can stay open while everything is prepared. Only those that use "
           "files of %1 will be asked to close for a moment, and they are opened again afterwards.",
           "welcome page")
            .arg(product.name),
        this);
    greeting->setWordWrap(true);
    layout->addWidget(greeting);

    if (wizard.manifest().branding.licence.isEmpty()) {
        layout->addStretch();
        return;
    }
    auto *licence = new QTextBrowser(this);
    licence->setMarkdown(licenceText(wizard.manifest()));
    licence->setAccessibleName(tr("Licence", "welcome page"));
    layout->addWidget(licence, 1);

    m_accept = new QCheckBox(tr("I &accept the licence", "welcome page, check box"), this);
    m_accept->setAccessibleName(m_accept->text().remove(u'&'));
    m_accept->setChecked(wizard.options().acceptLicences);
    connect(m_accept, &QCheckBox::toggled, this, &QWizardPage::completeChanged);
    layout->addWidget(m_accept);
}

bool WelcomePage::isComplete() const
{
    return !m_accept || m_accept->isChecked();
}

} // namespace Entracte

#include "moc_welcomepage.cpp"
