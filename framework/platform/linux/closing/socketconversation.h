// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "platform/linux/closing/conversation.h"

#include <memory>

class QLocalSocket;

namespace Entracte {

/// The handshake over the socket of an application of the user we run as. Everything it says is
/// hostile text.
class SocketConversation : public Conversation
{
    Q_OBJECT

public:
    /// A program answers without asking anybody (spec 3.4).
    static constexpr std::chrono::seconds answerLimit{5};

    /// Asks; the answer is there after answerLimit at the latest.
    SocketConversation(const QString &socketPath, Clock &clock);
    ~SocketConversation() override;

    bool isOpen() const override;
    void tellClose() override;
    void tellOff() override;

private:
    void read();
    void tell(const char *word);

    std::unique_ptr<QLocalSocket> m_socket;
};

} // namespace Entracte
