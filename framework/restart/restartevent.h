// SPDX-License-Identifier: MIT
#pragma once

#include "restart/affectedapplication.h"
#include "restart/resources.h"
#include "restart/restartcode.h"

#include <QByteArray>
#include <QDateTime>
#include <QList>
#include <QMetaType>
#include <QString>

namespace Entracte {

/// One thing that the restart manager did or met, for an administrator who asks later what became
/// of a program (spec 3.14, 86). A value: RestartSession says it by happened(), sinks write it.
///
/// A sentence for people, in English as logs are, and fields for programs. Neither ever holds
/// arguments, environments, documents, window titles or keys; names and reasons may come from a
/// hostile process and are one bounded line each.
struct RestartEvent
{
    enum class Kind {
        SessionStarted,
        SessionJoined,
        SessionEnded,
        ResourcesRegistered,
        ApplicationFound,
        ApplicationAsked,
        ApplicationClosed,
        ApplicationRefused,
        ApplicationForced,
        ApplicationRestarted,
        ApplicationStaysClosed,
        RestartFailed,
        RestartNeeded,
        RestartScheduled,
        RestartCancelled,
        Trouble,
    };

    struct Field
    {
        QByteArray name; ///< "ENTRACTE_PID": what journals allow in names of fields
        QString value;

        friend bool operator==(const Field &, const Field &) = default;
    };

    Kind kind = Kind::Trouble;
    QString sentence;
    QList<Field> fields;

    /// The value of the first field \a name; empty without one.
    QString value(QByteArrayView name) const;

    friend bool operator==(const RestartEvent &, const RestartEvent &) = default;
};

/// What is the same for all events of a kind: the table in README.md.
struct RestartEventType
{
    const char *messageId; ///< 128 bits as 32 hexadecimal digits, for MESSAGE_ID; never changes
    const char *word;      ///< "application-closed", for ENTRACTE_EVENT and JSON
    int windowsId;         ///< of the event in the Windows log; 0 where that has none
    int priority;          ///< as in syslog: 3 error, 4 warning, 5 notice, 6 information
};
const RestartEventType &typeOf(RestartEvent::Kind kind);
const QList<RestartEvent::Kind> &allRestartEventKinds();

// What there is to say. The session's fields are added by withSession().
RestartEvent sessionStarted(RestartRules rules);
RestartEvent sessionJoined(int participant);
RestartEvent sessionEnded();
RestartEvent resourcesRegistered(const Resources &resources);
RestartEvent applicationFound(const AffectedApplication &application);
RestartEvent applicationStaysClosed(const AffectedApplication &application, const QString &why);
RestartEvent restartNeeded(RebootReasons reasons);
RestartEvent restartScheduled(const QDateTime &time, const QString &why);
RestartEvent restartCancelled(const QString &why);
RestartEvent trouble(const Error &error);

/// What happened to an application between two looks at it; mostly nothing or one thing.
QList<RestartEvent> eventsBetween(const AffectedApplication &before,
                                  const AffectedApplication &after);

/// \a event with the session it belongs to: its id, which is no secret, never its key.
RestartEvent withSession(RestartEvent event, const QString &id);

} // namespace Entracte

Q_DECLARE_METATYPE(Entracte::RestartEvent)
