// SPDX-License-Identifier: MIT
#include "platform/linux/closing/closingpreview.h"

#include "platform/linux/contact.h"
#include "platform/linux/process.h"
#include "platform/linux/registration.h"
#include "platform/linux/x11display.h"

#include <QFileInfo>

#include <algorithm>
#include <csignal>

namespace Entracte {

using Verdict = ClosingStep::Verdict;

static ClosingStep handshakeStep(const std::optional<Registration> &registration)
{
    if (registration && !registration->socketPath.isEmpty())
        return {Verdict::Good,
                ClosingPreview::tr("It is asked “may you close?” first and can say no with a "
                                   "reason.",
                                   "entracte ask")};
    return {Verdict::Weak,
            ClosingPreview::tr("It is not asked first: it does not link the handshake, so the "
                               "request to close is the question.",
                               "entracte ask")};
}

static ClosingStep closableStep(int windows)
{
    return {Verdict::Good,
            ClosingPreview::tr("%n window(s) would be asked to close, as their own button does.",
                               "entracte ask", windows)};
}

static ClosingStep noWindowStep()
{
    return {Verdict::Good, ClosingPreview::tr("It shows no window.", "entracte ask")};
}

static ClosingStep windowStep(const QList<X11Window> &windows)
{
    const auto closable = std::count_if(windows.cbegin(), windows.cend(), [](const auto &window) {
        return window.canBeClosed && !window.isQuestion;
    });
    const bool asks = std::any_of(windows.cbegin(), windows.cend(),
                                  [](const auto &window) { return window.isQuestion; });
    if (asks)
        return {Verdict::Weak, ClosingPreview::tr("It already shows a question that a person has "
                                                  "to answer first.",
                                                  "entracte ask")};
    if (closable > 0)
        return closableStep(int(closable));
    if (windows.isEmpty())
        return noWindowStep();
    return {Verdict::Bad,
            ClosingPreview::tr("None of its windows can be asked to close.", "entracte ask")};
}

/// Of another user, whose agent looked when it was listed.
static ClosingStep listedWindowStep(const AffectedApplication &application)
{
    return application.type == ApplicationType::MainWindow
             ? closableStep(std::max(1, int(application.windowTitles.size())))
             : noWindowStep();
}

static ClosingStep signalStep(pid_t pid)
{
    if (catchesSignal(pid, SIGTERM))
        return {Verdict::Good, ClosingPreview::tr("It handles the request to terminate (SIGTERM).",
                                                  "entracte ask")};
    if (ignoresSignal(pid, SIGTERM))
        return {Verdict::Bad, ClosingPreview::tr("It ignores the request to terminate (SIGTERM).",
                                                 "entracte ask")};
    return {Verdict::Weak, ClosingPreview::tr("The request to terminate (SIGTERM) would end it "
                                              "without saving, so it is sent only by force.",
                                              "entracte ask")};
}

static ClosingStep returnStep(const AffectedApplication &application,
                              const std::optional<Registration> &registration)
{
    if (!QFileInfo::exists(application.executable))
        return {Verdict::Bad,
                ClosingPreview::tr("Its program file has gone, so it cannot be opened again.",
                                   "entracte ask")};
    switch (registration ? restartabilityOf(*registration) : application.restartability) {
    case Restartability::Registered:
        return {
            Verdict::Good,
            ClosingPreview::tr("It said how to open it again, so it comes back under all rules.",
                               "entracte ask")};
    case Restartability::Captured:
        return {Verdict::Weak,
                ClosingPreview::tr("It did not say how to open it again: it comes back as it was "
                                   "started, and not at all under the Windows rules.",
                                   "entracte ask")};
    case Restartability::Cannot:
        break;
    }
    return {Verdict::Bad, application.reason.isEmpty()
                              ? ClosingPreview::tr("It cannot be opened again.", "entracte ask")
                              : application.reason};
}

QList<ClosingStep> previewClosing(const AffectedApplication &application, const X11Display &display)
{
    if (application.isCritical())
        return {{Verdict::Bad, application.reason}};
    const pid_t pid = pid_t(application.process.pid);
    const std::optional<Registration> registration = registrationOf(application.process);
    QSet<pid_t> pids;
    for (const UniqueProcess &process : application.processes)
        pids.insert(pid_t(process.pid));

    const QList<X11Window> windows = display.windowsOf(pids);
    const ClosingStep handshake = handshakeStep(registration);
    const bool isOfAnother = isOfAUser(application.ownerUid);
    const ClosingStep byWindow = isOfAnother ? listedWindowStep(application) : windowStep(windows);
    QList<ClosingStep> steps{handshake, byWindow};
    // Only who is reached in no better way gets a signal.
    const bool showsWindow =
        isOfAnother ? application.type == ApplicationType::MainWindow : !windows.isEmpty();
    const bool closesByWindow = showsWindow && byWindow.verdict == Verdict::Good;
    if (handshake.verdict != Verdict::Good && !closesByWindow)
        steps.append(signalStep(pid));
    steps.append(returnStep(application, registration));
    return steps;
}

} // namespace Entracte
