// SPDX-License-Identifier: MIT
#include "engine/installlog.h"

#include <QDateTime>
#include <QJsonDocument>
#include <QMetaEnum>

using namespace Qt::StringLiterals;

namespace Entracte {

static Result<> openForAppending(QFile &file, const QString &name)
{
    if (name.isEmpty())
        return {};
    file.setFileName(name);
    if (file.open(QIODevice::WriteOnly | QIODevice::Append))
        return {};
    return Error{ErrorCode::Usage,
                 InstallLog::tr("The log “%1” could not be written: %2.", "command line error")
                     .arg(name, file.errorString())};
}

static QString levelOf(const RestartEvent &event)
{
    const int priority = typeOf(event.kind).priority;
    return priority <= 3 ? u"error"_s : priority == 4 ? u"warning"_s : u"info"_s;
}

static QJsonObject factsOf(const RestartEvent &event)
{
    static const QByteArray prefix = "ENTRACTE_";
    QJsonObject facts{{u"message"_s, event.sentence}};
    for (const RestartEvent::Field &field : event.fields)
        facts.insert(QString::fromLatin1(field.name.mid(prefix.size())).toLower(), field.value);
    return facts;
}

Result<std::unique_ptr<InstallLog>> InstallLog::open(const InstallOptions &options)
{
    std::unique_ptr<InstallLog> log(new InstallLog);
    if (const Result<> text = openForAppending(log->m_text, options.logFile); !text)
        return text.error();
    if (const Result<> json = openForAppending(log->m_json, options.jsonLogFile); !json)
        return json.error();
    return log;
}

void InstallLog::follow(InstallEngine &engine)
{
    connect(&engine, &InstallEngine::stateChanged, this, [this](InstallEngine::State state) {
        const QString name =
            QLatin1StringView(QMetaEnum::fromType<InstallEngine::State>().valueToKey(int(state)));
        write(name, u"state"_s, {{u"state"_s, name}});
    });
    connect(&engine, &InstallEngine::noted, this, [this](const QString &sentence) {
        write(sentence, u"note"_s, {{u"message"_s, sentence}});
    });
    connect(&engine, &InstallEngine::happened, this, [this](const RestartEvent &event) {
        write(event.sentence, QString::fromLatin1(typeOf(event.kind).word), factsOf(event),
              levelOf(event));
    });
    connect(&engine, &InstallEngine::finished, this, [this](const InstallOutcome &outcome) {
        const QString name = QLatin1StringView(symbolicName(outcome.exitCode));
        write(u"%1 (%2: %3)"_s.arg(outcome.message).arg(int(outcome.exitCode)).arg(name),
              u"outcome"_s,
              {{u"exit"_s, int(outcome.exitCode)},
               {u"name"_s, name},
               {u"message"_s, outcome.message}});
    });
}

void InstallLog::write(const QString &line, const QString &event, const QJsonObject &facts,
                       const QString &level)
{
    const QString now = QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs);
    if (m_text.isOpen()) {
        m_text.write((now + u' ' + line + u'\n').toUtf8());
        m_text.flush();
    }
    if (m_json.isOpen()) {
        QJsonObject object = facts;
        object.insert(u"ts"_s, now);
        object.insert(u"level"_s, level);
        object.insert(u"event"_s, event);
        m_json.write(QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n');
        m_json.flush();
    }
}

} // namespace Entracte

#include "moc_installlog.cpp"
