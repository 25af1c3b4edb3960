// SPDX-License-Identifier: MIT
#include "platform/linux/closing/windowping.h"

namespace Entracte {

WindowPing::WindowPing(X11Display &display, Clock &clock, QObject *parent)
    : QObject(parent)
    , m_display(display)
    , m_clock(clock)
{
    connect(&m_display, &X11Display::answered, this, &WindowPing::hear);
}

void WindowPing::ask(const QList<X11Window> &windows)
{
    m_asked.clear();
    for (const X11Window &window : windows) {
        if (!window.answersPing)
            continue;
        m_asked.insert(window.id);
        m_display.ping(window);
    }
    m_clock.callAfter(limit, this, [this, round = ++m_round] {
        if (round == m_round && isPending())
            emit silent();
    });
}

// One window is enough: they share the program's event loop, and one may be closing just now.
void WindowPing::hear(quint32 window)
{
    if (!m_asked.contains(window))
        return;
    m_asked.clear();
    emit answered();
}

} // namespace Entracte

#include "moc_windowping.cpp"
