// SPDX-License-Identifier: MIT
#include "platform/linux/closing/windowrequest.h"

#include <algorithm>

namespace Entracte {

void WindowRequest::begin(const QSet<pid_t> &pids)
{
    for (const X11Window &window : m_display.windowsOf(pids))
        if (window.isQuestion)
            m_openBefore.insert(window.id);
}

WindowRequest::Scene WindowRequest::look(const QSet<pid_t> &pids) const
{
    Scene scene{m_display.windowsOf(pids), false};
    scene.hasQuestion =
        std::any_of(scene.windows.cbegin(), scene.windows.cend(), [this](const X11Window &window) {
            return window.isModal || (window.isQuestion && !m_openBefore.contains(window.id));
        });
    return scene;
}

bool WindowRequest::askOnce(const QSet<pid_t> &pids)
{
    if (m_wasAsked)
        return false;
    for (const X11Window &window : m_display.windowsOf(pids)) {
        if (window.isQuestion || !window.canBeClosed)
            continue;
        m_display.requestClose(window);
        m_wasAsked = true;
    }
    return m_wasAsked;
}

} // namespace Entracte
