// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/closing/conversation.h"
#include "restart/affectedapplication.h"

#include <QPointer>

namespace Entracte {

class UserAgent;

/// The handshake with an application of another user, held by that user's agent.
class AgentConversation : public Conversation
{
    Q_OBJECT

public:
    /// Asks. Without an \a agent nobody can, which is silence.
    AgentConversation(const AffectedApplication &application, UserAgent *agent);
    ~AgentConversation() override;

    bool isOpen() const override;
    /// Nothing: AgentCloser has the agent close it.
    void tellClose() override {}
    void tellOff() override;

private:
    AffectedApplication m_application;
    QPointer<UserAgent> m_agent;
};

} // namespace Entracte
