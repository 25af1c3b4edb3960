// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "platform/linux/x11display.h"

#include <QObject>
#include <QSet>

namespace Entracte {

/// Tells "busy" from "hung": asks the windows of one application for a sign of life
/// (_NET_WM_PING). Windows that do not promise to answer are not asked, and never count as hung.
class WindowPing : public QObject
{
    Q_OBJECT

public:
    /// Healthy programs answer within some milliseconds, also while they show a question.
    static constexpr std::chrono::seconds limit{5};

    WindowPing(X11Display &display, Clock &clock, QObject *parent = nullptr);

    /// Pings those of \a windows that answer → answered(), or silent() when the limit has passed
    /// without; answered() may still follow then.
    void ask(const QList<X11Window> &windows);

    /// Asked, and no sign of life since.
    bool isPending() const { return !m_asked.isEmpty(); }

signals:
    void answered();
    void silent();

private:
    void hear(quint32 window);

    X11Display &m_display;
    Clock &m_clock;
    QSet<quint32> m_asked;
    int m_round = 0;
};

} // namespace Entracte
