// SPDX-License-Identifier: MIT
#include "restart/restartevent.h"

#include <QMetaEnum>

#include <algorithm>
#include <array>

using namespace Qt::StringLiterals;

namespace Entracte {

using Kind = RestartEvent::Kind;

namespace {

// In the order of Kind. The identifiers are published: administrators filter by them.
constexpr std::array<RestartEventType, 16> types{{
    {"83b6faea29574580b0bd5063587a0a45", "session-started", 10000, 6},
    {"198ee33095d5461bbda166f0827641ce", "session-joined", 0, 6},
    {"456b28f2557c4862a487ee3d0fc734fd", "session-ended", 10001, 6},
    {"2782c84c319f436c9bcf8fb935328e6f", "resources-registered", 10004, 6},
    {"ed5004281e44421b822dd0828e863c82", "application-found", 0, 6},
    {"062b8a940ba54f7ca0b73c0411caf9f4", "application-asked", 10002, 6},
    {"28145af1809545dc99ebc1d58c3e3b8a", "application-closed", 10002, 5},
    {"df06fcf9d5a74ee4904d65e02dd9db08", "application-refused", 10006, 4},
    {"943d24cbbb7745baa95f405077b0159d", "application-forced", 10002, 4},
    {"5f40018bee084bf6ab1c06f7355e6db0", "application-restarted", 10003, 5},
    {"0d2c0d7681874b1187360ead733c25b1", "application-stays-closed", 10010, 5},
    {"57ec909f7c7742f7848f64c18de6fe46", "restart-failed", 10007, 4},
    {"183237ea710649098ad3f880bfdf337e", "restart-needed", 10005, 4},
    {"88074718e6a442b4a25cdb3cca61c77d", "restart-scheduled", 10005, 5},
    {"3769de9096f64645965e3f82f6ebf1eb", "restart-cancelled", 0, 5},
    {"14dd9ba3f5d64572b520f87255a26679", "trouble", 10008, 3},
}};

/// One line of bounded length, whatever a hostile process calls itself.
QString line(const QString &text)
{
    constexpr qsizetype longest = 400;
    QString plain = text.left(longest);
    for (QChar &character : plain)
        if (!character.isPrint() && !character.isSurrogate())
            character = u' ';
    return plain.simplified();
}

void add(RestartEvent &event, const char *name, const QString &value)
{
    if (!value.isEmpty())
        event.fields.append({name, line(value)});
}

void add(RestartEvent &event, const char *name, qint64 number)
{
    event.fields.append({name, QString::number(number)});
}

RestartEvent about(Kind kind, const AffectedApplication &application, const QString &sentence,
                   const QString &reason = {})
{
    const QString name = line(application.name);
    // At once: a name may hold what looks like a place for the next argument.
    RestartEvent event{kind, sentence.arg(name, QString::number(application.process.pid)), {}};
    if (!reason.isEmpty())
        event.sentence += u' ' + line(reason);
    add(event, "ENTRACTE_NAME", name);
    // A path is a path: not simplified, and no longer than the system lets one be.
    if (!application.executable.isEmpty())
        event.fields.append({"ENTRACTE_PROGRAM", application.executable.left(4096)});
    add(event, "ENTRACTE_PID", application.process.pid);
    add(event, "ENTRACTE_START_TIME", QString::number(application.process.startTime));
    add(event, "ENTRACTE_TYPE",
        QString::fromLatin1(
            QMetaEnum::fromType<ApplicationType>().valueToKey(int(application.type))));
    add(event, "ENTRACTE_SERVICE", application.serviceName);
    add(event, application.isUserUnit ? "ENTRACTE_USER_UNIT" : "ENTRACTE_UNIT", application.unit);
    add(event, "ENTRACTE_USER", application.owner);
    if (application.ownerUid >= 0)
        add(event, "ENTRACTE_UID", application.ownerUid);
    if (application.logonSession >= 0)
        add(event, "ENTRACTE_LOGON_SESSION", application.logonSession);
    add(event, "ENTRACTE_STATUS", application.status.toInt());
    add(event, "ENTRACTE_REASON", reason);
    return event;
}

QString number(qsizetype count, const char *one, const char *more)
{
    return u"%1 %2"_s.arg(count).arg(QLatin1String(count == 1 ? one : more));
}

} // namespace

QString RestartEvent::value(QByteArrayView name) const
{
    const auto field = std::find_if(fields.cbegin(), fields.cend(),
                                    [name](const Field &each) { return each.name == name; });
    return field == fields.cend() ? QString() : field->value;
}

const RestartEventType &typeOf(Kind kind)
{
    return types.at(std::size_t(kind));
}

const QList<Kind> &allRestartEventKinds()
{
    static const QList<Kind> kinds = [] {
        QList<Kind> all;
        for (std::size_t kind = 0; kind < types.size(); ++kind)
            all.append(Kind(kind));
        return all;
    }();
    return kinds;
}

RestartEvent sessionStarted(RestartRules rules)
{
    RestartEvent event{Kind::SessionStarted, u"A session of the restart manager started."_s, {}};
    add(event, "ENTRACTE_RULES", rules == RestartRules::Windows ? u"windows"_s : u"native"_s);
    return event;
}

RestartEvent sessionJoined(int participant)
{
    RestartEvent event{
        Kind::SessionJoined, u"Another installer joined the session as its secondary."_s, {}};
    add(event, "ENTRACTE_PARTICIPANT", participant);
    return event;
}

RestartEvent sessionEnded()
{
    return {Kind::SessionEnded, u"The session of the restart manager ended."_s, {}};
}

RestartEvent resourcesRegistered(const Resources &resources)
{
    RestartEvent event{
        Kind::ResourcesRegistered,
        u"Registered: %1, %2, %3."_s.arg(number(resources.files.size(), "file", "files"),
                                         number(resources.processes.size(), "process", "processes"),
                                         number(resources.services.size(), "service", "services")),
        {}};
    add(event, "ENTRACTE_FILES", resources.files.size());
    add(event, "ENTRACTE_PROCESSES", resources.processes.size());
    add(event, "ENTRACTE_SERVICES", resources.services.size());
    return event;
}

RestartEvent applicationFound(const AffectedApplication &application)
{
    RestartEvent event = about(Kind::ApplicationFound, application,
                               u"%1 (process %2) is in the way."_s, application.reason);
    add(event, "ENTRACTE_FILES", application.files.size());
    return event;
}

RestartEvent applicationStaysClosed(const AffectedApplication &application, const QString &why)
{
    return about(Kind::ApplicationStaysClosed, application,
                 u"%1 (process %2 until it was closed) is not started again:"_s, why);
}

RestartEvent restartNeeded(RebootReasons reasons)
{
    const QByteArray words = QMetaEnum::fromType<RebootReasons>().valueToKeys(reasons.toInt());
    const QString text = QString::fromLatin1(words).replace(u'|', u", "_s);
    RestartEvent event{
        Kind::RestartNeeded, u"Closing applications is not enough: %1."_s.arg(text), {}};
    add(event, "ENTRACTE_REBOOT_REASONS", reasons.toInt());
    add(event, "ENTRACTE_REASON", text);
    return event;
}

RestartEvent restartScheduled(const QDateTime &time, const QString &why)
{
    const QString when = time.toUTC().toString(Qt::ISODate);
    RestartEvent event{Kind::RestartScheduled,
                       u"A restart of the system is scheduled for %1: %2"_s.arg(when, line(why)),
                       {}};
    add(event, "ENTRACTE_TIME", when);
    add(event, "ENTRACTE_REASON", why);
    return event;
}

RestartEvent restartCancelled(const QString &why)
{
    RestartEvent event{
        Kind::RestartCancelled, u"The scheduled restart of the system is cancelled."_s, {}};
    if (!why.isEmpty())
        event.sentence += u' ' + line(why);
    add(event, "ENTRACTE_REASON", why);
    return event;
}

RestartEvent trouble(const Error &error)
{
    RestartEvent event{Kind::Trouble, line(error.message), {}};
    add(event, "ENTRACTE_CODE", int(restartCodeOf(error)));
    return event;
}

/// NotResponding is a state on the way, too: only who was given up on is asked anew.
static bool isAskedAnew(const AffectedApplication &before, const AffectedApplication &after)
{
    if (after.closing != ClosingState::Asked)
        return false;
    const auto failed = [](const AffectedApplication &one) {
        return one.status.testFlag(ApplicationStatus::ErrorOnStop);
    };
    return before.closing == ClosingState::NotAsked || before.closing == ClosingState::Queried
        || before.closing == ClosingState::Closed || (failed(before) && !failed(after));
}

QList<RestartEvent> eventsBetween(const AffectedApplication &before,
                                  const AffectedApplication &after)
{
    const auto gained = [&](ApplicationStatus status) {
        return after.status.testFlag(status) && !before.status.testFlag(status);
    };
    QList<RestartEvent> events;
    if (isAskedAnew(before, after))
        events.append(about(Kind::ApplicationAsked, after, u"%1 (process %2) is asked to close."_s,
                            after.reason));
    if (after.closing == ClosingState::Ending
        && (before.closing != ClosingState::Ending || before.reason != after.reason))
        events.append(about(Kind::ApplicationForced, after,
                            u"%1 (process %2) is ended without its consent:"_s, after.reason));
    if (gained(ApplicationStatus::Stopped))
        events.append(about(Kind::ApplicationClosed, after, u"%1 (process %2) is closed."_s));
    if (gained(ApplicationStatus::ErrorOnStop))
        events.append(about(Kind::ApplicationRefused, after,
                            u"%1 (process %2) could not be closed."_s, after.reason));
    if (gained(ApplicationStatus::Restarted))
        events.append(
            about(Kind::ApplicationRestarted, after, u"%1 is open again; it was process %2."_s));
    if (gained(ApplicationStatus::ErrorOnRestart))
        events.append(about(Kind::RestartFailed, after,
                            u"%1 (process %2 until it was closed) could not be opened again."_s,
                            after.reason));
    return events;
}

RestartEvent withSession(RestartEvent event, const QString &id)
{
    add(event, "ENTRACTE_SESSION", id);
    return event;
}

} // namespace Entracte
