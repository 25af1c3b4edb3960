// SPDX-License-Identifier: MIT
#pragma once

#include "restart/affectedapplication.h"

#include <QFrame>
#include <QPersistentModelIndex>

class QCheckBox;
class QLabel;
class QPushButton;

namespace Entracte {

/// One application in the files-in-use dialog: face, name, what state it is in, what it holds;
/// while it asks something, the button that brings its question to the front, and, once it has
/// refused, the box that allows ending it.
class ApplicationRow : public QFrame
{
    Q_OBJECT

public:
    /// Shows the row \a index of an AffectedApplicationModel; call refresh() when it changes.
    explicit ApplicationRow(const QModelIndex &index, QWidget *parent = nullptr);

    void refresh();

    UniqueProcess process() const { return m_process; }
    bool mayBeForced() const;

signals:
    void forceToggled();
    void questionWanted(const Entracte::UniqueProcess &process);

private:
    QPersistentModelIndex m_index;
    UniqueProcess m_process;
    QLabel *m_icon;
    QLabel *m_name;
    QLabel *m_state;
    QLabel *m_files;
    QPushButton *m_showQuestion;
    QCheckBox *m_force;
};

} // namespace Entracte
