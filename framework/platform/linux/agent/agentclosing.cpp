// SPDX-License-Identifier: MIT
#include "platform/linux/agent/agentclosing.h"

#include "platform/linux/closing/showquestion.h"
#include "platform/linux/closing/socketconversation.h"
#include "platform/linux/registration.h"

#include <unistd.h>

namespace Entracte {

AgentClosing::AgentClosing(Clock &clock)
    : m_clock(clock)
{
}

AgentClosing::~AgentClosing() = default;

void AgentClosing::query(const AffectedApplication &target,
                         std::function<void(AgentAnswer, const QString &)> done)
{
    abandon(target);
    const std::optional<Registration> registration = registrationOf(target.process);
    if (!registration || registration->socketPath.isEmpty())
        return done(AgentAnswer::Silence, {});
    auto conversation = std::make_unique<SocketConversation>(registration->socketPath, m_clock);
    connect(conversation.get(), &Conversation::answered, this,
            [done, each = conversation.get()] { done(each->answer(), each->reason()); });
    m_conversations[target.process] = std::move(conversation);
}

void AgentClosing::callOff(const AffectedApplication &target)
{
    abandon(target);
    const auto conversation = m_conversations.find(target.process);
    if (conversation == m_conversations.end())
        return;
    conversation->second->tellOff();
    m_conversations.erase(conversation);
}

void AgentClosing::close(const AffectedApplication &target, bool mayBeForced, Changed changed)
{
    abandon(target);
    AffectedApplication application = target;
    application.ownerUid = qint64(::geteuid());
    const auto conversation = m_conversations.find(target.process);
    auto closer = std::make_unique<ApplicationCloser>(
        application,
        mayBeForced ? ApplicationCloser::Insistence::AsksForOthers
                    : ApplicationCloser::Insistence::Asks,
        conversation == m_conversations.end() ? nullptr : conversation->second.get(),
        ClosingTools{m_display, m_bus, m_clock, {}});
    ApplicationCloser *const each = closer.get();
    m_closings[target.process] = {std::move(closer), std::move(changed)};
    // Settled, it may be deleted by who is told, so it is not told from inside.
    connect(
        each, &Closer::changed, this, [this, process = target.process] { tell(process); },
        Qt::QueuedConnection);
    each->start();
}

void AgentClosing::tell(const UniqueProcess &target)
{
    const auto closing = m_closings.find(target);
    if (closing == m_closings.end())
        return;
    const ApplicationCloser &closer = *closing->second.closer;
    const AgentProgress progress{closer.application().closing, closer.isSettled(),
                                 closer.wasTerminated()};
    const QString reason = closer.application().reason;
    const Changed changed = closing->second.changed;
    if (progress.isSettled)
        m_closings.erase(closing);
    changed(progress, reason);
}

void AgentClosing::abandon(const AffectedApplication &target)
{
    const auto closing = m_closings.find(target.process);
    if (closing == m_closings.end())
        return;
    const Closing abandoned = std::move(closing->second);
    m_closings.erase(closing);
    abandoned.changed({ClosingState::NotAsked, true, abandoned.closer->wasTerminated()}, {});
}

void AgentClosing::showQuestion(const AffectedApplication &target) const
{
    showQuestionOf(target, m_display);
}

} // namespace Entracte

#include "moc_agentclosing.cpp"
