// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "platform/linux/agent/agentmessage.h"
#include "platform/linux/closing/applicationcloser.h"
#include "platform/linux/closing/sessionbus.h"
#include "platform/linux/x11display.h"

#include <QObject>

#include <functional>
#include <map>
#include <memory>

namespace Entracte {

/// What an agent does for closing: speaks with the programs of its user as an installer of theirs
/// would, over their sockets, on their bus and their display, and by signals. It asks; it ends
/// nobody.
class AgentClosing : public QObject
{
    Q_OBJECT

public:
    explicit AgentClosing(Clock &clock);
    ~AgentClosing() override;

    /// \a done is called once, from the event loop.
    void query(const AffectedApplication &target,
               std::function<void(AgentAnswer, const QString &reason)> done);
    void callOff(const AffectedApplication &target);

    /// \a changed is called from the event loop, the last time with isSettled; for another closing
    /// of the same target that is when the new one begins.
    using Changed = std::function<void(const AgentProgress &, const QString &reason)>;
    void close(const AffectedApplication &target, bool mayBeForced, Changed changed);
    void abandon(const AffectedApplication &target);

    void showQuestion(const AffectedApplication &target) const;

private:
    struct Closing
    {
        std::unique_ptr<ApplicationCloser> closer;
        Changed changed;
    };

    void tell(const UniqueProcess &target);

    Clock &m_clock;
    X11Display m_display;
    SessionBus m_bus;
    std::map<UniqueProcess, std::unique_ptr<Conversation>> m_conversations;
    std::map<UniqueProcess, Closing> m_closings;
};

} // namespace Entracte
