// SPDX-License-Identifier: MIT
#include "restart/restartbackend.h"

#include "core/logging.h"
#include "platform/linux/agent/agentcloser.h"
#include "platform/linux/agent/agentconversation.h"
#include "platform/linux/agent/unitmanagers.h"
#include "platform/linux/agent/userlauncher.h"
#include "platform/linux/closing/applicationcloser.h"
#include "platform/linux/closing/closingpreview.h"
#include "platform/linux/closing/inhibitors.h"
#include "platform/linux/closing/servicecloser.h"
#include "platform/linux/closing/sessionbus.h"
#include "platform/linux/closing/showquestion.h"
#include "platform/linux/closing/socketconversation.h"
#include "platform/linux/contact.h"
#include "platform/linux/detection/leaseprobe.h"
#include "platform/linux/holdersearch.h"
#include "platform/linux/registration.h"
#include "platform/linux/relaunch/applicationstarter.h"
#include "platform/linux/relaunch/launchobstacle.h"
#include "platform/linux/relaunch/launchrecord.h"
#include "platform/linux/relaunch/relaunchmarks.h"
#include "platform/linux/relaunch/servicestarter.h"
#include "platform/linux/x11display.h"

#include <QCoreApplication>

#include <algorithm>
#include <map>
#include <vector>

#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte {

/// The restart manager on Linux. Who is affected HolderSearch finds, in a worker; windows, signals
/// and starts are events in this thread.
class LinuxRestartBackend : public RestartBackend
{
    Q_OBJECT

public:
    LinuxRestartBackend(std::shared_ptr<Clock> clock, const UniqueProcess &installer)
        : m_clock(std::move(clock))
        , m_installer(installer == UniqueProcess() ? uniqueProcess(getpid()) : installer)
    {
        connect(&m_search, &HolderSearch::found, this, &LinuxRestartBackend::report);
    }

    void addResources(const Resources &resources) override { m_search.add(resources); }
    void removeResources(const Resources &resources) override { m_search.remove(resources); }
    void list() override { m_search.list(); }
    void refresh() override { m_search.refresh(); }

    Occupancy probe(const QStringList &files) const override { return probeByLease(files); }

    void query(const QList<AffectedApplication> &applications) override
    {
        m_conversations.clear();
        m_queried = applications;
        m_isQuerying = true;
        m_services.clear();
        for (const AffectedApplication &application : applications) {
            askAboutService(application);
            const std::optional<Registration> registration = registrationOf(application.process);
            if (!registration || registration->socketPath.isEmpty())
                continue;
            std::unique_ptr<Conversation> conversation = ask(application, registration->socketPath);
            connect(conversation.get(), &Conversation::answered, this,
                    &LinuxRestartBackend::finishQueryIfAnswered);
            m_conversations[application.process] = std::move(conversation);
        }
        m_inhibitors = std::make_unique<Inhibitors>();
        connect(m_inhibitors.get(), &Inhibitors::known, this,
                &LinuxRestartBackend::finishQueryIfAnswered);
        m_inhibitors->ask(*m_clock, SocketConversation::answerLimit);
        later(&LinuxRestartBackend::announceQuery);
    }

    void callOff() override
    {
        for (const AffectedApplication &application : std::as_const(m_queried)) {
            const auto conversation = m_conversations.find(application.process);
            if (conversation == m_conversations.end())
                continue;
            conversation->second->tellOff();
            if (conversation->second->answer() == Conversation::Answer::Yes
                && !m_told.contains(application.process))
                emit applicationChanged(application); // as it was before the query
        }
        m_conversations.clear();
        m_queried.clear();
        m_told.clear();
    }

    ClosedApplication takeDown(const AffectedApplication &application) override
    {
        ClosedApplication closed{application, {}};
        if (const ServiceRecord service = m_services.value(application.process);
            service.isValid()) {
            closed.launch = service.toBytes();
            return closed;
        }
        LaunchRecord launch = LaunchRecord::of(application.process);
        if (const auto registration = registrationOf(application.process)) {
            closed.application.restartability = restartabilityOf(*registration);
            if (registration->arguments)
                launch.setArguments(*registration->arguments);
        } else if (closed.application.restartability == Restartability::Registered) {
            closed.application.restartability = Restartability::Captured; // it was withdrawn
        }
        if (const QString obstacle = LaunchObstacle::of(application.process); !obstacle.isEmpty()) {
            closed.application.restartability = Restartability::Cannot;
            closed.application.reason = obstacle;
        }
        if (launch.isValid())
            closed.launch = launch.toBytes();
        return closed;
    }

    void shutdown(const QList<AffectedApplication> &applications,
                  const QList<UniqueProcess> &forced) override
    {
        m_closers.clear();
        for (const AffectedApplication &application : applications) {
            std::unique_ptr<Closer> closer =
                closerFor(application, forced.contains(application.process));
            m_told.insert(application.process);
            connect(closer.get(), &Closer::changed, this, [this, each = closer.get()] {
                emit applicationChanged(each->application());
                later(&LinuxRestartBackend::finishShutdownIfSettled);
            });
            m_closers.push_back(std::move(closer));
        }
        m_isShuttingDown = true;
        later(&LinuxRestartBackend::startClosers);
    }

    void showQuestion(const AffectedApplication &application) override
    {
        if (UserAgent *const agent = m_agents.agentFor(application))
            agent->showQuestion(application);
        else
            showQuestionOf(application, m_display);
    }

    void setServiceLimit(std::chrono::milliseconds limit) override { m_serviceLimit = limit; }

    std::chrono::milliseconds patience(const AffectedApplication &application) const override
    {
        for (const auto &closer : m_closers)
            if (closer->application().process == application.process)
                return closer->patience();
        return ApplicationCloser::reactionLimit;
    }

    void restart(const QList<ClosedApplication> &applications) override
    {
        m_starters.clear();
        for (const ClosedApplication &closed : applications) {
            std::unique_ptr<Starter> starter = starterFor(closed);
            connect(starter.get(), &Starter::settled, this, [this, each = starter.get()] {
                emit applicationChanged(each->application());
                finishRestartIfSettled();
            });
            m_starters.push_back(std::move(starter));
        }
        m_isRestarting = true;
        later(&LinuxRestartBackend::startStarters);
    }

    QList<ClosingStep> preview(const AffectedApplication &application) override
    {
        return previewClosing(application, m_display);
    }

    void cancel() override
    {
        m_search.cancel();
        const Error cancelled{ErrorCode::Cancelled,
                              tr("Closing the applications was cancelled.", "outcome")};
        if (std::exchange(m_isQuerying, false))
            emit queryFinished(cancelled, {});
        if (std::exchange(m_isShuttingDown, false)) {
            for (const auto &closer : m_closers)
                closer->lookNow();
            m_closers.clear();
            emit shutdownFinished(cancelled);
        }
        if (std::exchange(m_isRestarting, false))
            emit restartFinished(cancelled);
    }

private:
    /// What its manager does not know, or who cannot be asked, is asked like a program.
    void askAboutService(const AffectedApplication &application)
    {
        UnitManager *const manager =
            application.type == ApplicationType::Service ? m_units.of(application) : nullptr;
        if (!manager)
            return;
        const QString unit =
            application.unit.isEmpty() ? application.serviceName + u".service"_s : application.unit;
        m_servicesAsked.insert(application.process);
        ServiceRecord::take(*manager, unit, this,
                            [this, process = application.process](const auto &record) {
                                if (record)
                                    m_services.insert(process, *record);
                                else
                                    qCWarning(lcRestart) << record.error().message;
                                m_servicesAsked.remove(process);
                                finishQueryIfAnswered();
                            });
    }

    std::unique_ptr<Closer> closerFor(const AffectedApplication &application, bool mayBeForced)
    {
        if (const ServiceRecord service = m_services.value(application.process); service.isValid())
            return std::make_unique<ServiceCloser>(application, service, mayBeForced,
                                                   m_units.of(service), *m_clock, m_serviceLimit,
                                                   m_installer);
        if (UserAgent *const agent = m_agents.agentFor(application))
            return std::make_unique<AgentCloser>(application, mayBeForced, *agent, *m_clock,
                                                 m_installer);
        const auto conversation = m_conversations.find(application.process);
        return std::make_unique<ApplicationCloser>(
            application,
            mayBeForced ? ApplicationCloser::Insistence::Ends : ApplicationCloser::Insistence::Asks,
            conversation == m_conversations.end() ? nullptr : conversation->second.get(),
            ClosingTools{m_display, m_bus, *m_clock, m_installer});
    }

    std::unique_ptr<Starter> starterFor(const ClosedApplication &closed)
    {
        const ServiceRecord service = ServiceRecord::fromBytes(closed.launch);
        if (!service.isValid())
            return std::make_unique<ApplicationStarter>(closed.application,
                                                        LaunchRecord::fromBytes(closed.launch),
                                                        m_launcher, m_display, *m_clock);
        UnitManager &manager = m_units.of(service);
        manager.release(service.heldUnits());
        return std::make_unique<ServiceStarter>(closed.application, service, manager, *m_clock);
    }

    std::unique_ptr<Conversation> ask(const AffectedApplication &application,
                                      const QString &socketPath)
    {
        if (isOfAUser(application.ownerUid))
            return std::make_unique<AgentConversation>(application, m_agents.agentFor(application));
        return std::make_unique<SocketConversation>(socketPath, *m_clock);
    }

    /// Shows everybody who is asked as such, and ends at once if nobody is.
    void announceQuery()
    {
        for (AffectedApplication application : std::as_const(m_queried)) {
            if (!m_conversations.contains(application.process))
                continue;
            application.closing = ClosingState::Queried;
            emit applicationChanged(application);
        }
        finishQueryIfAnswered();
    }

    void finishQueryIfAnswered()
    {
        const bool allAnswered =
            std::all_of(m_conversations.cbegin(), m_conversations.cend(), [](const auto &each) {
                return each.second->answer() != Conversation::Answer::None;
            });
        if (!allAnswered || m_inhibitors->isAsking() || !m_servicesAsked.isEmpty()
            || !std::exchange(m_isQuerying, false))
            return;

        QList<UniqueProcess> refusing;
        for (AffectedApplication application : std::as_const(m_queried)) {
            if (!objects(application) || !openProcess(application.process).isValid())
                continue;
            refusing.append(application.process);
            application.status |= ApplicationStatus::ErrorOnStop;
            emit applicationChanged(application);
        }
        emit queryFinished({}, refusing);
    }

    /// Whether \a application must not be closed now; then it says in words why.
    bool objects(AffectedApplication &application) const
    {
        for (const UniqueProcess &process : std::as_const(application.processes))
            if (const QString reason = m_inhibitors->reasonOf(process.pid); !reason.isNull()) {
                application.closing = ClosingState::Refused;
                application.reason = tr("It must not be interrupted now: %1",
                                        "state of an application, and its own words")
                                         .arg(reason);
                return true;
            }
        const auto conversation = m_conversations.find(application.process);
        if (conversation == m_conversations.end()
            || conversation->second->answer() == Conversation::Answer::Yes)
            return false;
        const bool said = conversation->second->answer() == Conversation::Answer::No;
        application.closing = said ? ClosingState::Refused : ClosingState::NotResponding;
        application.reason = conversation->second->reason();
        return true;
    }

    void report(const std::optional<AffectedApplications> &affected)
    {
        if (affected)
            emit listed(*affected);
        else
            emit listed(Error{ErrorCode::Cancelled,
                              tr("The search for applications was cancelled.", "outcome")});
    }

    // Those who will most likely ask a question come first: a refusal then costs the others
    // nothing.
    void startClosers()
    {
        std::stable_partition(m_closers.begin(), m_closers.end(), [](const auto &closer) {
            return closer->application().type == ApplicationType::MainWindow;
        });
        for (const auto &closer : m_closers)
            closer->start();
        later(&LinuxRestartBackend::finishShutdownIfSettled);
    }

    void finishShutdownIfSettled()
    {
        const bool allSettled = std::all_of(m_closers.cbegin(), m_closers.cend(),
                                            [](const auto &closer) { return closer->isSettled(); });
        if (!m_isShuttingDown || !allSettled)
            return;
        m_isShuttingDown = false;
        m_closers.clear();
        emit shutdownFinished({});
    }

    void startStarters()
    {
        const RelaunchedPrograms back = relaunchedPrograms();
        for (const auto &starter : m_starters)
            starter->start(back);
        finishRestartIfSettled();
    }

    void finishRestartIfSettled()
    {
        const bool allSettled =
            std::all_of(m_starters.cbegin(), m_starters.cend(),
                        [](const auto &starter) { return starter->isSettled(); });
        if (!m_isRestarting || !allSettled)
            return;
        m_isRestarting = false;
        later(&LinuxRestartBackend::reportRestartFinished);
    }

    void reportRestartFinished()
    {
        m_starters.clear();
        m_agents.dismiss();
        emit restartFinished({});
    }

    /// Endings never come before the request has returned, and never from inside a helper that the
    /// ending deletes.
    void later(void (LinuxRestartBackend::*action)())
    {
        QMetaObject::invokeMethod(this, action, Qt::QueuedConnection);
    }

    std::shared_ptr<Clock> m_clock;
    UniqueProcess m_installer;
    X11Display m_display;
    SessionBus m_bus;
    UserAgents m_agents{*m_clock};
    UserLauncher m_launcher{m_agents, *m_clock};
    HolderSearch m_search{m_agents, *m_clock, m_installer};
    QList<AffectedApplication> m_queried;
    std::map<UniqueProcess, std::unique_ptr<Conversation>> m_conversations;
    std::unique_ptr<Inhibitors> m_inhibitors;
    QSet<UniqueProcess> m_told; ///< asked to close, hence no longer to be called off
    bool m_isQuerying = false;
    UnitManagers m_units{m_agents};
    QSet<UniqueProcess> m_servicesAsked;
    std::chrono::milliseconds m_serviceLimit{serviceLimit};
    QMap<UniqueProcess, ServiceRecord> m_services; ///< of those the managers know
    std::vector<std::unique_ptr<Closer>> m_closers;
    std::vector<std::unique_ptr<Starter>> m_starters;
    bool m_isShuttingDown = false;
    bool m_isRestarting = false;
};

std::unique_ptr<RestartBackend> createRestartBackend(std::shared_ptr<Clock> clock,
                                                     const UniqueProcess &installer)
{
    return std::make_unique<LinuxRestartBackend>(std::move(clock), installer);
}

} // namespace Entracte

#include "restartbackend.moc"
