// SPDX-License-Identifier: MIT
#include "engine/installerchain.h"

#include "restart/restartcode.h"
#include "restart/sessionmember.h"
#include "restart/sessionserver.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace Entracte {

InstallerChain::InstallerChain(const QList<ChainedInstaller> &installers, SessionServer *server)
    : m_server(server)
{
    for (const ChainedInstaller &installer : installers)
        m_members.push_back(
            {installer, std::make_unique<QProcess>(), {installer.name, installer.required, 0, {}}});
    if (m_server)
        connect(m_server, &SessionServer::awaitingChanged, this, &InstallerChain::check);
}

InstallerChain::~InstallerChain()
{
    for (Member &member : m_members)
        member.process->disconnect(this);
}

void InstallerChain::start()
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    if (m_server)
        environment.insert(QLatin1StringView(SessionMember::keyVariable), m_server->key());
    for (Member &member : m_members) {
        connect(member.process.get(), &QProcess::finished, this,
                [this, &member] { memberEnded(member); });
        connect(member.process.get(), &QProcess::errorOccurred, this,
                [this, &member](QProcess::ProcessError error) {
                    if (error == QProcess::FailedToStart)
                        memberEnded(member);
                });
        member.process->setProcessEnvironment(environment);
        member.process->setProcessChannelMode(QProcess::ForwardedErrorChannel);
        member.process->setStandardOutputFile(QProcess::nullDevice());
        member.process->start(member.installer.program, member.installer.arguments);
    }
    check();
}

bool InstallerChain::isReady() const
{
    const auto running = std::count_if(m_members.cbegin(), m_members.cend(),
                                       [](const Member &member) { return !member.hasEnded; });
    return running <= (m_server ? m_server->awaitingCount() : 0);
}

void InstallerChain::proceed()
{
    m_mayFinish = true;
    if (m_server)
        m_server->release(RestartCode::Success);
    check();
}

void InstallerChain::stop()
{
    m_mayFinish = true;
    if (m_server)
        m_server->release(RestartCode::Cancelled);
    check();
}

bool InstallerChain::isFinished() const
{
    return std::all_of(m_members.cbegin(), m_members.cend(),
                       [](const Member &member) { return member.hasEnded; });
}

QList<ChainedOutcome> InstallerChain::outcomes() const
{
    QList<ChainedOutcome> outcomes;
    for (const Member &member : m_members)
        outcomes.append(member.outcome);
    return outcomes;
}

void InstallerChain::memberEnded(Member &member)
{
    if (std::exchange(member.hasEnded, true))
        return;
    const QProcess &process = *member.process;
    member.outcome.exitStatus = process.exitCode();
    if (process.error() == QProcess::FailedToStart)
        member.outcome.problem = tr("“%1” could not be started: %2.", "chained installer")
                                     .arg(member.installer.program, process.errorString());
    else if (process.exitStatus() == QProcess::CrashExit)
        member.outcome.problem =
            tr("%1 was not installed: its installer was ended by a signal.", "chained installer")
                .arg(member.installer.name);
    else if (process.exitCode() != 0)
        member.outcome.problem =
            tr("%1 was not installed: its installer ended with status %2.", "chained installer")
                .arg(member.installer.name)
                .arg(process.exitCode());
    check();
}

void InstallerChain::check()
{
    if (isReady() && !std::exchange(m_wasReady, true))
        QMetaObject::invokeMethod(this, &InstallerChain::ready, Qt::QueuedConnection);
    if (isFinished() && std::exchange(m_mayFinish, false))
        QMetaObject::invokeMethod(this, &InstallerChain::finished, Qt::QueuedConnection);
}

} // namespace Entracte

#include "moc_installerchain.cpp"
