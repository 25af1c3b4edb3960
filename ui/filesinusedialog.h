// SPDX-License-Identifier: MIT
#pragma once

#include "engine/uidelegate.h"

#include <QDialog>
#include <QList>

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace Entracte {

class AffectedApplicationModel;
class ApplicationRow;

/// The question "these applications use files that will be replaced: what now?". A view: it reads
/// the model, stays true while applications come and go, and returns a verb. It never closes
/// anybody.
///
/// ask() shows it and answered() follows once; showClosing() keeps it open while the engine asks
/// the applications, and then stopRequested(), and questionWanted() of those that ask a person
/// something, are all that can come of it. Never exec() it.
class FilesInUseDialog : public QDialog
{
    Q_OBJECT

public:
    FilesInUseDialog(const QString &productName, const AffectedApplicationModel &model,
                     QWidget *parent = nullptr);

    /// Whether the question may be answered with FilesInUseDecision::Defer; not, at first.
    void setCanDefer(bool canDefer);

    void ask();
    void showClosing();

    /// Cancel in whatever way the moment allows: answer, or stop the closing.
    void reject() override;

signals:
    void answered(const Entracte::FilesInUseAnswer &answer);
    void stopRequested();
    /// The question that \a process shows is to be brought to the front.
    void questionWanted(const Entracte::UniqueProcess &process);

private:
    enum class Mode { Hidden, Asking, Closing };

    void addRows(int first, int last);
    void removeRows(int first, int last);
    void moveRow(int from, int to);
    void refresh();
    void answer(FilesInUseDecision decision);
    void answerClose();
    QList<UniqueProcess> forced() const;
    QString requestText() const;
    QStringList consequences() const; ///< of continuing without closing, and of what is not known
    /// How many must stay open, so that nobody can be closed from here.
    int blockingCount() const;

    const AffectedApplicationModel &m_model;
    QString m_productName;
    Mode m_mode = Mode::Hidden;
    bool m_canDefer = false;
    QList<ApplicationRow *> m_rows;
    QLabel *m_title;
    QLabel *m_body;
    QLabel *m_hint;
    QVBoxLayout *m_rowLayout;
    QPushButton *m_close;
    QPushButton *m_continue;
    QPushButton *m_defer;
    QPushButton *m_lookAgain;
    QPushButton *m_cancel;
};

} // namespace Entracte
