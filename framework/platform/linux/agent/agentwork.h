// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "platform/linux/agent/agentclosing.h"
#include "platform/linux/agent/agentmessage.h"
#include "platform/linux/agent/agentunits.h"
#include "platform/unix/descriptor.h"
#include "restart/sessionmessage.h"

#include <QObject>

#include <memory>

class QLocalSocket;

namespace Entracte {

/// What an agent does in its process: starts the programs that it is told to, each as a unit of its
/// user's service manager or, where there is none, by itself, and says what became of it; looks
/// around and closes (AgentClosing); stops and starts services (AgentUnits); arranges what is
/// opened again after a restart (ReopenEntries). Only programs of its own user. It does nothing
/// more once the socket is closed, but for taking back what it was told to take back, and hears
/// nobody who says anything that is no request.
class AgentWork : public QObject
{
    Q_OBJECT

public:
    explicit AgentWork(Descriptor socket, QObject *parent = nullptr);
    ~AgentWork() override;

signals:
    /// The socket is closed, or was misused.
    void ended();

private:
    void read();
    bool isHeard() const;
    void handle(const AgentRequest &request);
    void start(const AgentRequest &request);
    void reopen(const AgentRequest &request);
    void lookAround(const AgentRequest &request);
    void query(const AgentRequest &request);
    void close(const AgentRequest &request);
    void manageUnits(const AgentRequest &request);
    AgentClosing &closing();
    void answer(const AgentReply &reply);
    void end();

    SystemClock m_clock;
    std::unique_ptr<AgentClosing> m_closing; ///< connects to the display, so only once asked for
    std::unique_ptr<AgentUnits> m_units;
    QLocalSocket *m_socket;
    FrameReader m_frames;
    ReopenEntries m_entries;
};

} // namespace Entracte
