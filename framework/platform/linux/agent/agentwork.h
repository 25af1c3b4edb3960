// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "platform/linux/agent/agentmessage.h"
#include "platform/unix/descriptor.h"
#include "restart/sessionmessage.h"

#include <QObject>

class QLocalSocket;

namespace Entracte {

/// What an agent does in its process: starts the programs that it is told to, each as a unit of its
/// user's service manager or, where there is none, by itself; arranges what is opened again after a
/// restart (ReopenEntries); and says what became of it. Only programs of its own user. It does
/// nothing more once the socket is closed, but for forgetting what it was told to forget, and hears
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
    bool carryOut(const AgentRequest &request);
    void start(qint64 number, const AgentRequest::Start &task);
    void answer(const AgentReply &reply);
    void end();

    SystemClock m_clock;
    QLocalSocket *m_socket;
    FrameReader m_frames;
    ReopenEntries m_entries;
};

} // namespace Entracte
