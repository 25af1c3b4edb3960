// SPDX-License-Identifier: MIT
#include "ui/pages/targetpage.h"

#include "ui/installwizard.h"
#include "ui/sizetext.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStorageInfo>

namespace Entracte {

/// The innermost folder on the way to \a path that exists: its volume will hold the product.
static QString existingAncestor(const QString &path)
{
    QString folder = QDir::cleanPath(path);
    while (!QFileInfo::exists(folder) && folder.contains(u'/') && folder != QDir::rootPath())
        folder = QFileInfo(folder).path();
    return folder;
}

TargetPage::TargetPage(InstallWizard &wizard)
    : m_wizard(wizard)
    , m_folder(new QLineEdit(wizard.options().targetDirectory, this))
    , m_room(new QLabel(this))
{
    const QString product = wizard.manifest().product.name;
    setTitle(tr("Where to Install", "target page, title"));
    setSubTitle(tr("%1 goes into a folder of its own.", "target page, subtitle").arg(product));

    auto *label = new QLabel(tr("&Folder:", "target page, label"), this);
    label->setBuddy(m_folder);
    m_folder->setAccessibleName(tr("Folder for %1", "target page").arg(product));
    auto *browseButton = new QPushButton(tr("B&rowse…", "target page, button"), this);
    browseButton->setAccessibleName(tr("Browse for a folder", "target page, button"));
    m_room->setWordWrap(true);

    auto *layout = new QGridLayout(this);
    layout->setVerticalSpacing(10);
    layout->addWidget(label, 0, 0);
    layout->addWidget(m_folder, 0, 1);
    layout->addWidget(browseButton, 0, 2);
    layout->addWidget(m_room, 1, 1, 1, 2);
    layout->setRowStretch(2, 1);

    connect(browseButton, &QPushButton::clicked, this, &TargetPage::browse);
    connect(m_folder, &QLineEdit::textChanged, this, &TargetPage::refresh);
    refresh();
}

bool TargetPage::isComplete() const
{
    return QDir::isAbsolutePath(m_folder->text())
        && QDir::cleanPath(m_folder->text()) != QDir::rootPath();
}

bool TargetPage::validatePage()
{
    m_wizard.options().targetDirectory = QDir::cleanPath(m_folder->text());
    return true;
}

void TargetPage::browse()
{
    auto *dialog = new QFileDialog(
        this,
        tr("Folder for %1", "target page, window title").arg(m_wizard.manifest().product.name));
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    dialog->setDirectory(existingAncestor(m_folder->text()));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, m_folder, &QLineEdit::setText);
    dialog->open();
}

void TargetPage::refresh()
{
    const QStorageInfo volume(existingAncestor(m_folder->text()));
    m_room->setText(!isComplete() ? tr("Please give the full path of a folder.", "target page")
                                  : tr("%1 are free there.", "target page, an amount of disk space")
                                        .arg(sizeText(volume.bytesAvailable())));
    emit completeChanged();
}

} // namespace Entracte

#include "moc_targetpage.cpp"
