// SPDX-License-Identifier: MIT
#pragma once

#include "restart/restartbackend.h"

#include <QHash>

#include <algorithm>
#include <functional>
#include <utility>

/// A restart manager over scripted applications: for what reality will not produce on demand.
class FakeRestartBackend : public Entracte::RestartBackend
{
    Q_OBJECT

public:
    enum class Temper {
        Polite,         ///< closes when asked
        Refuses,        ///< stays open; may be forced
        SaysNo,         ///< speaks the handshake and answers no; may be forced
        WaitsForUser,   ///< shows a question until letGo() or refuse()
        Vanishes,       ///< gone before it is asked
        Respawns,       ///< closes, and a new process of it appears once
        AlwaysRespawns, ///< closes, and a new process of it appears each time
        FailsToReturn,  ///< closes, cannot be started again
    };

    using RestartBackend::RestartBackend;

    void add(const QString &name, Temper temper, const QString &file = QStringLiteral("/file"))
    {
        Entracte::AffectedApplication application;
        application.process = {m_nextPid++, 1};
        application.processes = {application.process};
        application.name = name;
        application.type = Entracte::ApplicationType::MainWindow;
        application.files = {{file, Entracte::HoldKind::Mapped}};
        m_applications.append(application);
        m_tempers.insert(application.process.pid, temper);
    }

    Entracte::AffectedApplication &last() { return m_applications.last(); }

    Entracte::AffectedApplication *find(const QString &name)
    {
        const auto found =
            std::find_if(m_applications.begin(), m_applications.end(),
                         [&](const auto &one) { return one.name == name && one.isRunning(); });
        return found == m_applications.end() ? nullptr : &*found;
    }

    /// A person answers the question of an application that waits.
    void letGo(const QString &name) { settle(name, Entracte::ClosingState::Closed); }
    void refuse(const QString &name) { settle(name, Entracte::ClosingState::Refused); }

    Entracte::Resources registered;
    QList<Entracte::AffectedApplication> queried;
    int calledOff = 0;
    QStringList asked;     ///< names, in order, one entry a request
    QStringList forced;    ///< names that were ended without their consent
    QStringList restarted; ///< names that were started again
    int lists = 0;
    int refreshes = 0;
    bool listFails = false;
    int notInspected = 0;   ///< processes of other users
    QStringList ubiquitous; ///< registered files that nearly everything uses, at any time

    void addResources(const Entracte::Resources &resources) override
    {
        registered.unite(resources);
    }
    void removeResources(const Entracte::Resources &resources) override
    {
        registered.subtract(resources);
    }

    void query(const QList<Entracte::AffectedApplication> &applications) override
    {
        later([this, applications] {
            QList<Entracte::UniqueProcess> refusing;
            for (auto application : applications) {
                if (m_tempers.value(application.process.pid) != Temper::SaysNo)
                    continue;
                refusing.append(application.process);
                application.closing = Entracte::ClosingState::Refused;
                application.status |= Entracte::ApplicationStatus::ErrorOnStop;
                application.reason = QStringLiteral("It is busy.");
                emit applicationChanged(application);
            }
            queried = applications;
            emit queryFinished({}, refusing);
        });
    }

    void callOff() override { ++calledOff; }

    Entracte::ClosedApplication takeDown(const Entracte::AffectedApplication &application) override
    {
        return {application, application.name.toUtf8()};
    }

    QList<Entracte::ClosingStep> preview(const Entracte::AffectedApplication &) override
    {
        return {};
    }

    QList<Entracte::UniqueProcess> shown; ///< whose question was brought to the front
    void showQuestion(const Entracte::AffectedApplication &application) override
    {
        shown.append(application.process);
    }

    std::chrono::milliseconds serviceLimitSet{0};
    void setServiceLimit(std::chrono::milliseconds limit) override { serviceLimitSet = limit; }
    std::chrono::milliseconds patience(const Entracte::AffectedApplication &) const override
    {
        return std::chrono::seconds(10);
    }

    mutable int probes = 0;
    bool cannotTell = false;
    mutable std::function<void()> beforeProbe; ///< what happens in the last moment, once

    Occupancy probe(const QStringList &files) const override
    {
        ++probes;
        if (beforeProbe)
            std::exchange(beforeProbe, nullptr)();
        if (cannotTell)
            return Occupancy::Unknown;
        const bool isHeld = std::any_of(m_applications.cbegin(), m_applications.cend(),
                                        [](const auto &one) { return one.isRunning(); });
        const bool isUbiquitous =
            std::any_of(files.cbegin(), files.cend(),
                        [this](const QString &file) { return ubiquitous.contains(file); });
        return isHeld || isUbiquitous ? Occupancy::InUse : Occupancy::Free;
    }

    void refresh() override
    {
        ++refreshes;
        const auto hasGone = [this](const Entracte::AffectedApplication &known) {
            return std::none_of(m_applications.cbegin(), m_applications.cend(),
                                [&known](const Entracte::AffectedApplication &one) {
                                    return one.process == known.process && one.isRunning();
                                });
        };
        if (std::any_of(m_listed.applications.cbegin(), m_listed.applications.cend(), hasGone))
            return list();
        later([this] { emit listed(m_listed); });
    }

    void list() override
    {
        ++lists;
        later([this] {
            if (listFails) {
                emit listed(
                    Entracte::Error{Entracte::ErrorCode::Failed, QStringLiteral("no /proc")});
                return;
            }
            Entracte::AffectedApplications found;
            for (const auto &application : std::as_const(m_applications))
                if (application.isRunning())
                    found.applications.append(application);
            found.processesNotInspected = notInspected;
            found.ubiquitousFiles = ubiquitous;
            if (!ubiquitous.isEmpty())
                found.advisedLevel = Entracte::RestartLevel::Session;
            m_listed = found;
            emit listed(found);
        });
    }

    void shutdown(const QList<Entracte::AffectedApplication> &applications,
                  const QList<Entracte::UniqueProcess> &forcedProcesses) override
    {
        later([this, applications, forcedProcesses] {
            m_isShuttingDown = true;
            for (const auto &application : applications)
                ask(application, forcedProcesses.contains(application.process));
            finishShutdownIfSettled();
        });
    }

    void restart(const QList<Entracte::ClosedApplication> &applications) override
    {
        later([this, applications] {
            for (const Entracte::ClosedApplication &closed : applications) {
                Entracte::AffectedApplication application = closed.application;
                if (m_tempers.value(application.process.pid) == Temper::FailsToReturn) {
                    application.status |= Entracte::ApplicationStatus::ErrorOnRestart;
                    application.reason = QStringLiteral("It would not start.");
                } else {
                    restarted.append(application.name);
                    application.status |= Entracte::ApplicationStatus::Restarted;
                }
                emit applicationChanged(application);
            }
            emit restartFinished({});
        });
    }

    void cancel() override
    {
        if (m_isShuttingDown)
            finishShutdown(
                Entracte::Error{Entracte::ErrorCode::Cancelled, QStringLiteral("cancelled")});
    }

private:
    template <typename Action>
    void later(Action action)
    {
        QMetaObject::invokeMethod(this, action, Qt::QueuedConnection);
    }

    void ask(const Entracte::AffectedApplication &application, bool mayBeForced)
    {
        using namespace Entracte;
        AffectedApplication *known = find(application.name);
        if (!known)
            return;
        asked.append(application.name);
        switch (m_tempers.value(application.process.pid)) {
        case Temper::Refuses:
        case Temper::SaysNo:
            if (!mayBeForced)
                return become(*known, ClosingState::Refused);
            forced.append(application.name);
            return become(*known, ClosingState::Closed);
        case Temper::WaitsForUser:
            return become(*known, ClosingState::WaitingForUser);
        case Temper::Vanishes:
            known->status = ApplicationStatus::StoppedOther;
            known->closing = ClosingState::Closed;
            emit applicationChanged(*known);
            return;
        case Temper::Respawns:
        case Temper::AlwaysRespawns: {
            const AffectedApplication before = *known;
            const bool isForEver =
                m_tempers.value(application.process.pid) == Temper::AlwaysRespawns;
            become(*known, ClosingState::Closed);
            add(before.name, isForEver ? Temper::AlwaysRespawns : Temper::Polite,
                before.files.first().path);
            last().executable = before.executable;
            return;
        }
        case Temper::Polite:
        case Temper::FailsToReturn:
            return become(*known, ClosingState::Closed);
        }
    }

    void become(Entracte::AffectedApplication &application, Entracte::ClosingState closing)
    {
        using namespace Entracte;
        application.closing = closing;
        if (closing == ClosingState::Closed) {
            application.status.setFlag(ApplicationStatus::Running, false);
            application.status |= ApplicationStatus::Stopped;
        }
        if (closing == ClosingState::Refused)
            application.status |= ApplicationStatus::ErrorOnStop;
        const AffectedApplication changed = application;
        emit applicationChanged(changed);
    }

    void settle(const QString &name, Entracte::ClosingState closing)
    {
        if (Entracte::AffectedApplication *application = find(name))
            become(*application, closing);
        finishShutdownIfSettled();
    }

    void finishShutdownIfSettled()
    {
        const bool waiting =
            std::any_of(m_applications.cbegin(), m_applications.cend(), [](const auto &one) {
                return one.closing == Entracte::ClosingState::WaitingForUser;
            });
        if (!waiting && m_isShuttingDown)
            finishShutdown({});
    }

    void finishShutdown(const Entracte::Result<> &result)
    {
        m_isShuttingDown = false;
        emit shutdownFinished(result);
    }

    QList<Entracte::AffectedApplication> m_applications;
    Entracte::AffectedApplications m_listed; ///< what list() told last
    QHash<qint64, Temper> m_tempers;
    qint64 m_nextPid = 1000;
    bool m_isShuttingDown = false;
};
