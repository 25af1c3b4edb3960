// SPDX-License-Identifier: MIT
#include "ui/pages/readypage.h"

#include "ui/installwizard.h"
#include "ui/sizetext.h"

#include <QLabel>
#include <QProgressBar>
#include <QVBoxLayout>

namespace Entracte {

ReadyPage::ReadyPage(InstallWizard &wizard)
    : m_wizard(wizard)
    , m_busy(new QProgressBar(this))
    , m_what(new QLabel(this))
    , m_where(new QLabel(this))
    , m_applications(new QLabel(this))
{
    setTitle(tr("Ready to Install", "ready page, title"));
    setSubTitle(tr("Nothing has been changed yet.", "ready page, subtitle"));
    setCommitPage(true);
    m_busy->setRange(0, 0);
    m_busy->setTextVisible(false);
    m_busy->setAccessibleName(tr("Looking at what is installed", "ready page"));

    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(12);
    layout->addWidget(m_busy);
    for (QLabel *label : {m_what, m_where, m_applications}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
        layout->addWidget(label);
    }
    layout->addStretch();
    connect(&wizard, &InstallWizard::reviewChanged, this, &ReadyPage::refresh);
}

void ReadyPage::initializePage()
{
    m_wizard.prepare();
    refresh();
}

void ReadyPage::cleanupPage()
{
    m_wizard.revise();
}

bool ReadyPage::isComplete() const
{
    return m_wizard.currentReview().has_value();
}

bool ReadyPage::validatePage()
{
    m_wizard.confirm();
    return true;
}

static QString whatText(const InstallReview &review, const Product &product)
{
    const QString version = product.version.toString();
    if (review.installedVersion.isNull())
        return ReadyPage::tr("%1 %2 will be installed.", "ready page").arg(product.name, version);
    if (review.installedVersion == product.version)
        return ReadyPage::tr("%1 %2 is installed already and will be put in order.", "ready page")
            .arg(product.name, version);
    return ReadyPage::tr("%1 will be updated from version %2 to version %3.", "ready page")
        .arg(product.name, review.installedVersion.toString(), version);
}

void ReadyPage::refresh()
{
    const std::optional<InstallReview> &review = m_wizard.currentReview();
    m_busy->setVisible(!review);
    for (QLabel *label : {m_where, m_applications})
        label->setVisible(review.has_value());

    if (review) {
        m_what->setText(whatText(*review, m_wizard.manifest().product));
        m_where->setText(
            tr("Folder: %1 (%2 will be written)", "ready page: a folder, an amount of disk space")
                .arg(review->plan.targetDirectory, sizeText(review->plan.bytesToWrite)));
        m_applications->setText(
            review->applicationsToClose == 0
                ? tr("No application has to close.", "ready page")
                : tr(
                    "%n application(s) will have to close for a moment. You will be asked first, and "
                    "they are opened again afterwards.",
                    "ready page", review->applicationsToClose));
    } else {
        m_what->setText(tr("Looking at what is installed…", "ready page"));
    }
    emit completeChanged();
}

} // namespace Entracte

#include "moc_readypage.cpp"
