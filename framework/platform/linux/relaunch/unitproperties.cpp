// SPDX-License-Identifier: MIT
#include "platform/linux/relaunch/unitproperties.h"

#include "platform/linux/relaunch/relaunchmarks.h"

#include <QFileInfo>
#include <QRegularExpression>
#include <QStringDecoder>

#include <algorithm>
#include <array>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

constexpr int ioClassShift = 13; // of ioprio_get(2)
constexpr int realTimeIoClass = 1;
constexpr qsizetype longestApplication = 128; // a unit's whole name may have 255

/// The manager sets these for what it starts, beside its own environment.
const QStringList &addedByManager()
{
    static const QStringList names{
        u"HOME"_s,
        u"LOGNAME"_s,
        u"USER"_s,
        u"SHELL"_s,
        u"INVOCATION_ID"_s,
        u"JOURNAL_STREAM"_s,
        u"MANAGERPID"_s,
        u"SYSTEMD_EXEC_PID"_s,
        u"NOTIFY_SOCKET"_s,
        u"MANAGERPIDFDID"_s,
        u"PATH"_s,
        u"XDG_RUNTIME_DIR"_s,
        u"CREDENTIALS_DIRECTORY"_s,
    };
    return names;
}

/// Text as D-Bus carries it.
std::optional<QString> textOf(const QByteArray &bytes)
{
    QStringDecoder decoder(QStringDecoder::Utf8);
    const QString text = decoder(bytes);
    if (decoder.hasError() || text.contains(QChar(0)))
        return std::nullopt;
    return text;
}

bool isTakenBySystemd(const QString &variable)
{
    static const QRegularExpression pattern(
        u"\\A[A-Za-z_][A-Za-z0-9_]*=[^\\x00-\\x08\\x0b-\\x1f\\x7f]*\\z"_s);
    return pattern.match(variable).hasMatch();
}

std::optional<QStringList> textsOf(const QList<QByteArray> &list)
{
    QStringList texts;
    for (const QByteArray &bytes : list) {
        const std::optional<QString> text = textOf(bytes);
        if (!text)
            return std::nullopt;
        texts.append(*text);
    }
    return texts;
}

QString nameIn(const QString &variable)
{
    return variable.section(u'=', 0, 0);
}

/// What the manager would add to \a environment.
QStringList surplus(const QStringList &managerEnvironment, const QStringList &environment)
{
    QStringList names = addedByManager();
    for (const QString &variable : managerEnvironment)
        names.append(nameIn(variable));
    names.removeDuplicates();
    for (const QString &variable : environment)
        names.removeAll(nameIn(variable));
    return names;
}

UnitProperty property(const QString &name, const QVariant &value)
{
    return {name, QDBusVariant(value)};
}

/// What stands for the application in a unit's name.
QString identifierFor(const LaunchRecord &record, const QString &application)
{
    const QByteArray told = application.isEmpty()
                              ? QFileInfo(QFile::decodeName(record.program())).fileName().toUtf8()
                              : application.toUtf8();
    QString id;
    for (const char letter : told.left(longestApplication)) {
        if (id.size() >= longestApplication)
            break;
        const QChar character = QLatin1Char(letter);
        const bool isPlain =
            uchar(letter) < 128 && (character.isLetterOrNumber() || letter == '_' || letter == '.');
        id += isPlain ? QString(character)
                      : u"\\x%1"_s.arg(uint(uchar(letter)), 2, 16, QLatin1Char('0'));
    }
    return id;
}

QString markOf(const LaunchRecord &record)
{
    return QString::fromLatin1(record.mark().mid(qsizetype(qstrlen(relaunchVariable))));
}

/// A manager without privileges starts nothing that has more of the machine than others.
bool isPermitted(const LaunchTraits &traits)
{
    const int ioClass = traits.ioPriority.value_or(0) >> ioClassShift;
    return traits.niceness >= 0 && ioClass != realTimeIoClass;
}

/// By the number that getrlimit(2) has for them.
constexpr std::array limitNames{
    "CPU",     "FSIZE", "DATA",  "STACK",      "CORE",     "RSS",  "NPROC",  "NOFILE",
    "MEMLOCK", "AS",    "LOCKS", "SIGPENDING", "MSGQUEUE", "NICE", "RTPRIO", "RTTIME",
};

QList<UnitProperty> traitProperties(const LaunchTraits &traits)
{
    QList<UnitProperty> properties{
        property(u"UMask"_s, uint(traits.umask)),
        property(u"Nice"_s, traits.niceness),
        property(u"NoNewPrivileges"_s, traits.hasNoNewPrivileges),
    };
    if (!traits.processors.isEmpty())
        properties.append(property(u"CPUAffinity"_s, traits.processors));
    if (traits.oomAdjustment)
        properties.append(property(u"OOMScoreAdjust"_s, *traits.oomAdjustment));
    if (const int ioClass = traits.ioPriority.value_or(0) >> ioClassShift; ioClass != 0) {
        properties.append(property(u"IOSchedulingClass"_s, ioClass));
        properties.append(
            property(u"IOSchedulingPriority"_s, *traits.ioPriority & ((1 << ioClassShift) - 1)));
    }
    // What is more than the manager has becomes what it has; the hard one first.
    for (size_t i = 0; i < std::min(limitNames.size(), size_t(traits.limits.size())); ++i) {
        const QString name = u"Limit"_s + QLatin1StringView(limitNames[i]);
        properties.append(property(name, traits.limits.at(qsizetype(i)).hard));
        properties.append(property(name + u"Soft"_s, traits.limits.at(qsizetype(i)).soft));
    }
    return properties;
}

} // namespace

std::optional<QList<UnitProperty>> unitProperties(const LaunchRecord &record,
                                                  const QStringList &managerEnvironment)
{
    const std::optional<QString> program = textOf(record.program());
    const std::optional<QString> folder = textOf(record.workingDirectory());
    const std::optional<QStringList> arguments = textsOf(record.arguments());
    const std::optional<QStringList> environment =
        textsOf(record.environment() + QList{record.mark()});
    if (!program || !folder || !arguments || !environment || !folder->startsWith(u'/')
        || !std::all_of(environment->cbegin(), environment->cend(), isTakenBySystemd)
        || !isPermitted(record.traits()))
        return std::nullopt;

    const QList<UnitCommand> commands{{*program, *arguments, {u"no-env-expand"_s}}};
    const QList<UnitProperty> properties{
        property(u"Description"_s, QFileInfo(*program).fileName()),
        property(u"Slice"_s, u"app.slice"_s),
        property(u"Type"_s, u"exec"_s), // the job ends when the program runs, or could not be run
        property(u"ExitType"_s, u"cgroup"_s),
        property(u"CollectMode"_s, u"inactive-or-failed"_s),
        property(u"ExecStartEx"_s, QVariant::fromValue(commands)),
        property(u"Environment"_s, *environment),
        property(u"UnsetEnvironment"_s, surplus(managerEnvironment, *environment)),
        // Where it is gone, the program starts in another one, as without a manager.
        property(u"WorkingDirectory"_s, QString(u'-' + *folder)),
    };
    return properties + traitProperties(record.traits());
}

QList<UnitProperty> scopeProperties(const LaunchRecord &record, const UniqueProcess &process)
{
    return {
        property(u"Description"_s, QFileInfo(QFile::decodeName(record.program())).fileName()),
        property(u"Slice"_s, u"app.slice"_s),
        property(u"CollectMode"_s, u"inactive-or-failed"_s),
        property(u"PIDs"_s, QVariant::fromValue(QList<uint>{uint(process.pid)})),
    };
}

QString unitNameFor(const LaunchRecord &record, const QString &application)
{
    return u"app-entracte-%1@%2.service"_s.arg(identifierFor(record, application), markOf(record));
}

QString scopeNameFor(const LaunchRecord &record, const QString &application)
{
    return u"app-entracte-%1-%2.scope"_s.arg(identifierFor(record, application), markOf(record));
}

} // namespace Entracte
