// SPDX-License-Identifier: MIT
#include "ui/filesinusedialog.h"

#include "restart/affectedapplicationmodel.h"
#include "ui/applicationrow.h"

#include <QDialogButtonBox>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace Entracte {

static QLabel *paragraph(QWidget *parent)
{
    auto *label = new QLabel(parent);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    return label;
}

FilesInUseDialog::FilesInUseDialog(const QString &productName,
                                   const AffectedApplicationModel &model, QWidget *parent)
    : QDialog(parent)
    , m_model(model)
    , m_productName(productName)
    , m_title(paragraph(this))
    , m_body(paragraph(this))
    , m_hint(paragraph(this))
{
    setWindowTitle(tr("%1: Files in Use", "files-in-use dialog, window title").arg(productName));
    setAccessibleName(windowTitle());
    setModal(true);

    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * 1.25);
    large.setBold(true);
    m_title->setFont(large);

    auto *list = new QWidget(this);
    list->setBackgroundRole(QPalette::Base);
    list->setAutoFillBackground(true);
    m_rowLayout = new QVBoxLayout(list);
    m_rowLayout->setContentsMargins(0, 0, 0, 0);
    m_rowLayout->setSpacing(0);
    m_rowLayout->addStretch();
    auto *scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setWidget(list);
    scroll->setMinimumHeight(fontMetrics().height() * 8);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setAccessibleName(
        tr("Applications that use files to be replaced", "files-in-use dialog, list"));

    auto *buttons = new QDialogButtonBox(this);
    m_close = buttons->addButton(tr("&Close and Continue", "files-in-use dialog, button"),
                                 QDialogButtonBox::AcceptRole);
    m_continue = buttons->addButton(tr("Continue &Without Closing", "files-in-use dialog, button"),
                                    QDialogButtonBox::ActionRole);
    m_defer = buttons->addButton(tr("Install When The&y Are Closed", "files-in-use dialog, button"),
                                 QDialogButtonBox::ActionRole);
    m_lookAgain = buttons->addButton(tr("&Look Again", "files-in-use dialog, button"),
                                     QDialogButtonBox::ActionRole);
    m_cancel = buttons->addButton(tr("Cancel &Installation", "files-in-use dialog, button"),
                                  QDialogButtonBox::RejectRole);
    m_close->setDefault(true);
    for (QPushButton *button : {m_close, m_continue, m_defer, m_lookAgain})
        button->setAccessibleName(button->text().remove(u'&'));

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(20, 18, 20, 16);
    layout->setSpacing(10);
    layout->addWidget(m_title);
    layout->addWidget(m_body);
    layout->addWidget(scroll, 1);
    layout->addWidget(m_hint);
    layout->addSpacing(4);
    layout->addWidget(buttons);
    resize(fontMetrics().averageCharWidth() * 88, fontMetrics().height() * 22);

    connect(m_close, &QPushButton::clicked, this, &FilesInUseDialog::answerClose);
    connect(m_continue, &QPushButton::clicked, this,
            [this] { answer(FilesInUseDecision::ContinueWithoutClosing); });
    connect(m_defer, &QPushButton::clicked, this, [this] { answer(FilesInUseDecision::Defer); });
    connect(m_lookAgain, &QPushButton::clicked, this,
            [this] { answer(FilesInUseDecision::Retry); });
    connect(m_cancel, &QPushButton::clicked, this, &FilesInUseDialog::reject);

    connect(&model, &QAbstractItemModel::rowsInserted, this,
            [this](const QModelIndex &, int first, int last) { addRows(first, last); });
    connect(&model, &QAbstractItemModel::rowsAboutToBeRemoved, this,
            [this](const QModelIndex &, int first, int last) { removeRows(first, last); });
    connect(&model, &QAbstractItemModel::rowsMoved, this,
            [this](const QModelIndex &, int from, int, const QModelIndex &, int to) {
                moveRow(from, to > from ? to - 1 : to);
            });
    connect(&model, &QAbstractItemModel::rowsRemoved, this, &FilesInUseDialog::refresh);
    connect(&model, &QAbstractItemModel::dataChanged, this, &FilesInUseDialog::refresh);
    addRows(0, model.rowCount() - 1);
}

void FilesInUseDialog::setCanDefer(bool canDefer)
{
    m_canDefer = canDefer;
    refresh();
}

void FilesInUseDialog::ask()
{
    m_mode = Mode::Asking;
    refresh();
    open();
    m_close->setFocus();
}

void FilesInUseDialog::showClosing()
{
    m_mode = Mode::Closing;
    refresh();
    if (!isVisible())
        open();
}

void FilesInUseDialog::reject()
{
    if (m_mode == Mode::Closing)
        emit stopRequested();
    else
        answer(FilesInUseDecision::Cancel);
}

void FilesInUseDialog::addRows(int first, int last)
{
    for (int row = first; row <= last; ++row) {
        auto *widget = new ApplicationRow(m_model.index(row));
        connect(widget, &ApplicationRow::forceToggled, this, &FilesInUseDialog::refresh);
        connect(widget, &ApplicationRow::questionWanted, this, &FilesInUseDialog::questionWanted);
        m_rows.insert(row, widget);
        m_rowLayout->insertWidget(row, widget);
    }
    refresh();
}

void FilesInUseDialog::removeRows(int first, int last)
{
    for (int row = last; row >= first; --row)
        m_rows.takeAt(row)->deleteLater();
}

// The model moves rows one at a time.
void FilesInUseDialog::moveRow(int from, int to)
{
    m_rows.move(from, to);
    m_rowLayout->insertWidget(to, m_rows.at(to));
}

void FilesInUseDialog::refresh()
{
    for (ApplicationRow *row : std::as_const(m_rows))
        row->refresh();

    const int count = m_model.inTheWayCount();
    const bool isClosing = m_mode == Mode::Closing;
    m_title->setText(isClosing ? tr("Waiting for %n application(s) to close",
                                    "files-in-use dialog, title", count)
                               : tr("%n application(s) are using files that will be replaced",
                                    "files-in-use dialog, title", count));
    m_body->setText(requestText());
    m_hint->setText(consequences().join(u' '));
    m_hint->setVisible(!isClosing);
    for (QPushButton *button : {m_close, m_continue, m_lookAgain})
        button->setVisible(!isClosing);
    m_defer->setVisible(!isClosing && m_canDefer);
    m_close->setEnabled(blockingCount() == 0);
    m_close->setText(forced().isEmpty()
                         ? tr("&Close and Continue", "files-in-use dialog, button")
                         : tr("Force to &Close and Continue", "files-in-use dialog, button"));
    m_close->setAccessibleName(m_close->text().remove(u'&'));
    m_cancel->setText(isClosing ? tr("Stop and Cancel &Installation", "files-in-use dialog, button")
                                : tr("Cancel &Installation", "files-in-use dialog, button"));
    m_cancel->setAccessibleName(m_cancel->text().remove(u'&'));

    // Everybody was closed by hand: there is nothing left to ask.
    if (m_mode == Mode::Asking && count == 0)
        answer(FilesInUseDecision::Retry);
}

QString FilesInUseDialog::requestText() const
{
    if (const int blocking = blockingCount(); blocking > 0)
        return tr(
            "%n application(s) must stay open, so the files cannot be freed from here. You can "
            "continue without closing, or cancel.",
            "files-in-use dialog, text", blocking);
    if (m_mode == Mode::Closing)
        return tr("If an application asks whether to save your work, please answer it. Take the "
                  "time you need.",
                  "files-in-use dialog, text");
    return tr("They will be closed and opened again when %1 is in place. Each of them may ask you "
              "to save your work first.",
              "files-in-use dialog, text", m_model.inTheWayCount())
        .arg(m_productName);
}

QStringList FilesInUseDialog::consequences() const
{
    const int count = m_model.inTheWayCount();
    QStringList sentences{
        blockingCount() > 0
            ? tr("If you continue without closing, they keep using the old version until they are "
                 "started anew, with the computer at the latest.",
                 "files-in-use dialog, text", count)
            : tr("If you continue without closing, they keep using the old version until you close "
                 "them yourself.",
                 "files-in-use dialog, text", count)};
    if (m_model.hasUbiquitousFiles())
        sentences.append(tr("Libraries that nearly every program uses are replaced too; for them "
                            "nobody is closed, log in again when convenient.",
                            "files-in-use dialog, text"));
    if (const int others = m_model.processesNotInspected(); others > 0)
        sentences.append(tr("%n process(es) of other users could not be looked into; they may use "
                            "these files too.",
                            "files-in-use dialog, text", others));
    return sentences;
}

void FilesInUseDialog::answer(FilesInUseDecision decision)
{
    if (m_mode != Mode::Asking)
        return;
    m_mode = Mode::Hidden;
    emit answered({decision,
                   decision == FilesInUseDecision::ForceClose ? forced() : QList<UniqueProcess>(),
                   false});
}

void FilesInUseDialog::answerClose()
{
    answer(forced().isEmpty() ? FilesInUseDecision::CloseApplications
                              : FilesInUseDecision::ForceClose);
}

QList<UniqueProcess> FilesInUseDialog::forced() const
{
    QList<UniqueProcess> processes;
    for (const ApplicationRow *row : m_rows)
        if (row->mayBeForced())
            processes.append(row->process());
    return processes;
}

int FilesInUseDialog::blockingCount() const
{
    int count = 0;
    for (int row = 0; row < m_model.rowCount(); ++row)
        count += m_model.application(row).isCritical() ? 1 : 0;
    return count;
}

} // namespace Entracte

#include "moc_filesinusedialog.cpp"
