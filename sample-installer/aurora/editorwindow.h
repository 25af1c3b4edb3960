// SPDX-License-Identifier: MIT
#pragma once

#include <QMainWindow>

#include <functional>

class StatusPlugin;
class QLabel;
class QPlainTextEdit;

/// One document in one window. Unsaved text is never lost: closing asks first, and a question that
/// nobody answers keeps the window open.
class EditorWindow : public QMainWindow
{
    Q_OBJECT

public:
    EditorWindow();

    /// Shows \a fileName; a file that does not exist yet is created by the first save, an empty
    /// name is a new document.
    void openDocument(const QString &fileName);

    /// The absolute path of what is shown; empty: never saved.
    QString document() const { return m_fileName; }

    /// In characters from the beginning of the text.
    int cursorPosition() const;
    void setCursorPosition(int position);

signals:
    void documentChanged();

protected:
    void closeEvent(QCloseEvent *event) override;

private:
    void createMenus();
    void loadPlugin();
    void newDocument();
    void chooseDocument();
    void save();
    void saveAs();
    bool saveTo(const QString &fileName);
    void askToSave(const std::function<void()> &then);
    void showAbout();
    void showProblem(const QString &text);
    void setDocument(const QString &fileName);
    void updateStatus();

    QPlainTextEdit *m_text;
    QLabel *m_status;
    StatusPlugin *m_plugin = nullptr;
    QString m_fileName;
    std::function<void()> m_afterSaving;
    bool m_asking = false;
};
