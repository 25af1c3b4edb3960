// SPDX-License-Identifier: MIT
#pragma once

#include <QWidget>

class QLabel;
class QPushButton;

namespace Entracte {

class LogOut;

/// The part of the last page that logs the person out, where that is enough and there is a session
/// manager that asks before it does so. Later is always the default; nothing happens here without a
/// press of its button, and the desktop asks once more.
class LogOutOffer : public QWidget
{
    Q_OBJECT

public:
    explicit LogOutOffer(QWidget *parent = nullptr);

    /// Shows itself when \a logOut says that it is possible.
    void present(LogOut &logOut);

    /// True while there is something to decide about.
    bool isOpen() const { return m_isOpen; }

signals:
    /// isOpen() is another.
    void changed();

private:
    void open();
    void logOut();
    void say(const QString &news);

    LogOut *m_logOut = nullptr;
    QPushButton *m_button;
    QLabel *m_news;
    bool m_isOpen = false;
};

} // namespace Entracte
