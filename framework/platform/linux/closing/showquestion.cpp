// SPDX-License-Identifier: MIT
#include "platform/linux/closing/showquestion.h"

#include "platform/linux/x11display.h"

#include <algorithm>

namespace Entracte {

void showQuestionOf(const AffectedApplication &application, const X11Display &display)
{
    QSet<pid_t> pids;
    for (const UniqueProcess &process : application.processes)
        if (isAlive(process))
            pids.insert(pid_t(process.pid));
    const QList<X11Window> windows = display.windowsOf(pids);
    const auto question = std::find_if(windows.crbegin(), windows.crend(),
                                       [](const X11Window &window) { return window.isQuestion; });
    if (question != windows.crend())
        display.bringToFront(*question);
    else if (!windows.isEmpty())
        display.bringToFront(windows.last());
}

} // namespace Entracte
