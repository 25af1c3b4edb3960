// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/x11display.h"

#include <QSet>

namespace Entracte {

/// Asks the windows of one application to close (WM_DELETE_WINDOW, straight to each, so that no
/// window manager shows a question of its own), and reads from its windows what came of it
/// (linux-mechanisms 3.2).
class WindowRequest
{
public:
    explicit WindowRequest(X11Display &display)
        : m_display(display)
    {
    }

    struct Scene
    {
        QList<X11Window> windows;
        /// "Save your work?", most likely: a modal window, or a dialog that came after begin().
        bool hasQuestion = false;
    };

    /// Call before the first request of any kind: dialogs that are open now, and do not keep a
    /// person from the rest of \a pids, ask something else.
    void begin(const QSet<pid_t> &pids);

    /// What \a pids show now.
    Scene look(const QSet<pid_t> &pids) const;

    /// Asks each main window of \a pids. False, and nothing done, when there is none to ask or
    /// when this was done before: a program that is asked twice may show its question twice.
    bool askOnce(const QSet<pid_t> &pids);

private:
    X11Display &m_display;
    QSet<quint32> m_openBefore;
    bool m_wasAsked = false;
};

} // namespace Entracte
