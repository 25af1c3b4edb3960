// SPDX-License-Identifier: MIT
#include "editorwindow.h"

#include "plugin/statusplugin.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QFontDatabase>
#include <QLabel>
#include <QMenuBar>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QPluginLoader>
#include <QSaveFile>
#include <QStatusBar>

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

EditorWindow::EditorWindow()
    : m_text(new QPlainTextEdit(this))
    , m_status(new QLabel(this))
{
    m_text->setAccessibleName(tr("Text"));
    m_text->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    setCentralWidget(m_text);
    statusBar()->addPermanentWidget(m_status);
    createMenus();
    loadPlugin();
    connect(m_text->document(), &QTextDocument::modificationChanged, this,
            &EditorWindow::setWindowModified);
    connect(m_text, &QPlainTextEdit::textChanged, this, &EditorWindow::updateStatus);
    setDocument(QString());
    updateStatus();
    resize(640, 440);
}

void EditorWindow::openDocument(const QString &fileName)
{
    if (fileName.isEmpty()) {
        newDocument();
        return;
    }
    QFile file(fileName);
    if (file.exists() && !file.open(QIODevice::ReadOnly)) {
        showProblem(tr("“%1” could not be opened: %2.").arg(fileName, file.errorString()));
        return;
    }
    m_text->setPlainText(file.isOpen() ? QString::fromUtf8(file.readAll()) : QString());
    setDocument(QFileInfo(fileName).absoluteFilePath());
}

int EditorWindow::cursorPosition() const
{
    return m_text->textCursor().position();
}

void EditorWindow::setCursorPosition(int position)
{
    QTextCursor cursor = m_text->textCursor();
    cursor.setPosition(std::clamp(position, 0, m_text->document()->characterCount() - 1));
    m_text->setTextCursor(cursor);
}

void EditorWindow::closeEvent(QCloseEvent *event)
{
    if (!isWindowModified()) {
        event->accept();
        return;
    }
    event->ignore();
    askToSave([this] { close(); });
}

void EditorWindow::createMenus()
{
    QMenu *file = menuBar()->addMenu(tr("&File"));
    file->addAction(tr("&New"), QKeySequence::New, this,
                    [this] { askToSave([this] { newDocument(); }); });
    file->addAction(tr("&Open…"), QKeySequence::Open, this,
                    [this] { askToSave([this] { chooseDocument(); }); });
    file->addAction(tr("&Save"), QKeySequence::Save, this, &EditorWindow::save);
    file->addAction(tr("Save &As…"), QKeySequence::SaveAs, this, &EditorWindow::saveAs);
    file->addSeparator();
    file->addAction(tr("&Quit"), QKeySequence::Quit, this, &EditorWindow::close);
#if AURORA_MAJOR_VERSION >= 2
    QMenu *view = menuBar()->addMenu(tr("&View"));
    view->addAction(tr("&Larger Text"), QKeySequence::ZoomIn, m_text, [this] { m_text->zoomIn(); });
    view->addAction(tr("&Smaller Text"), QKeySequence::ZoomOut, m_text,
                    [this] { m_text->zoomOut(); });
#endif
    QMenu *help = menuBar()->addMenu(tr("&Help"));
    help->addAction(tr("&About Aurora"), this, &EditorWindow::showAbout);
}

void EditorWindow::loadPlugin()
{
    QPluginLoader loader(QApplication::applicationDirPath() + u"/plugins/libauroraplugin.so"_s);
    m_plugin = qobject_cast<StatusPlugin *>(loader.instance());
    if (!m_plugin)
        statusBar()->showMessage(loader.errorString());
}

void EditorWindow::newDocument()
{
    m_text->clear();
    setDocument(QString());
}

void EditorWindow::chooseDocument()
{
    auto *dialog = new QFileDialog(this, tr("Open"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &EditorWindow::openDocument);
    dialog->open();
}

void EditorWindow::save()
{
    if (m_fileName.isEmpty())
        saveAs();
    else
        saveTo(m_fileName);
}

void EditorWindow::saveAs()
{
    auto *dialog = new QFileDialog(this, tr("Save As"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    connect(dialog, &QFileDialog::fileSelected, this, &EditorWindow::saveTo);
    connect(dialog, &QFileDialog::rejected, this, [this] { m_afterSaving = nullptr; });
    dialog->open();
}

bool EditorWindow::saveTo(const QString &fileName)
{
    const std::function<void()> then = std::exchange(m_afterSaving, nullptr);
    QSaveFile file(fileName);
    const QByteArray bytes = m_text->toPlainText().toUtf8();
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit()) {
        showProblem(tr("“%1” could not be saved: %2.").arg(fileName, file.errorString()));
        return false;
    }
    setDocument(QFileInfo(fileName).absoluteFilePath());
    if (then)
        then();
    return true;
}

/// Calls \a then at once when nothing is unsaved, else after the person chose Save or Discard.
void EditorWindow::askToSave(const std::function<void()> &then)
{
    if (!isWindowModified()) {
        then();
        return;
    }
    // A second request to close, while the first is still being thought about, is the same
    // question.
    if (std::exchange(m_asking, true))
        return;

    auto *question = new QMessageBox(
        QMessageBox::Warning, tr("Aurora"),
        tr("Save the changes to “%1”?")
            .arg(m_fileName.isEmpty() ? tr("Untitled") : QFileInfo(m_fileName).fileName()),
        QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, this);
    question->setAttribute(Qt::WA_DeleteOnClose);
    question->setInformativeText(tr("Without saving, what you typed is lost."));
    question->setDefaultButton(QMessageBox::Save);
    connect(question, &QMessageBox::finished, this, [this, then](int answer) {
        m_asking = false;
        if (answer == QMessageBox::Save) {
            m_afterSaving = then;
            save();
        } else if (answer == QMessageBox::Discard) {
            m_text->document()->setModified(false);
            then();
        }
    });
    question->open();
}

void EditorWindow::showAbout()
{
    auto *about = new QMessageBox(
        QMessageBox::NoIcon, tr("About Aurora"),
        tr("<h3>Aurora %1</h3><p>A small text editor.</p>").arg(QApplication::applicationVersion()),
        QMessageBox::Ok, this);
    about->setAttribute(Qt::WA_DeleteOnClose);
    about->setIconPixmap(QApplication::windowIcon().pixmap(64, 64));
    about->open();
}

void EditorWindow::showProblem(const QString &text)
{
    auto *box = new QMessageBox(QMessageBox::Critical, tr("Aurora"), text, QMessageBox::Ok, this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

void EditorWindow::setDocument(const QString &fileName)
{
    m_fileName = fileName;
    m_text->document()->setModified(false);
    setWindowModified(false);
    const QString name = fileName.isEmpty() ? tr("Untitled") : QFileInfo(fileName).fileName();
    setWindowTitle(u"%1[*] – Aurora %2"_s.arg(name, QApplication::applicationVersion()));
    emit documentChanged();
}

void EditorWindow::updateStatus()
{
    if (m_plugin)
        m_status->setText(m_plugin->status(m_text->toPlainText()));
}
