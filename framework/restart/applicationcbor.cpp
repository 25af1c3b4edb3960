// SPDX-License-Identifier: MIT
#include "restart/applicationcbor.h"

#include <QMetaEnum>

#include <limits>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

/// As many as a session may register (SessionMessage).
constexpr qsizetype mostEntries = 200'000;

/// Takes values out of a map and remembers whether one was not what it had to be.
class Reader
{
public:
    explicit Reader(const QCborMap &map)
        : m_map(map)
    {
    }

    bool isGood() const { return m_isGood; }

    QString text(const QString &key)
    {
        const QCborValue value = m_map.value(key);
        return expect(value.isUndefined() || value.isString()) ? value.toString() : QString();
    }

    bool truth(const QString &key, bool fallback)
    {
        const QCborValue value = m_map.value(key);
        return expect(value.isUndefined() || value.isBool()) ? value.toBool(fallback) : fallback;
    }

    qint64 number(const QString &key, qint64 fallback, qint64 least, qint64 most)
    {
        const QCborValue value = m_map.value(key);
        if (value.isUndefined())
            return fallback;
        const qint64 number = value.toInteger();
        return expect(value.isInteger() && number >= least && number <= most) ? number : fallback;
    }

    template <typename Enum>
    Enum word(const QString &key, Enum fallback)
    {
        const QCborValue value = m_map.value(key);
        if (value.isUndefined())
            return fallback;
        const qint64 number = value.toInteger();
        const bool isKnown = value.isInteger() && number >= 0
                          && number <= std::numeric_limits<int>::max()
                          && QMetaEnum::fromType<Enum>().valueToKey(int(number));
        return expect(isKnown) ? Enum(number) : fallback;
    }

    template <typename Enum>
    QFlags<Enum> flags(const QString &key)
    {
        int all = 0;
        const QMetaEnum known = QMetaEnum::fromType<QFlags<Enum>>();
        for (int each = 0; each < known.keyCount(); ++each)
            all |= known.value(each);
        const qint64 number = this->number(key, 0, 0, all);
        expect((number & ~qint64(all)) == 0);
        return QFlags<Enum>(int(number) & all);
    }

    template <typename T>
    T take(const std::optional<T> &read)
    {
        expect(read.has_value());
        return read.value_or(T());
    }

    QCborValue value(const QString &key) const { return m_map.value(key); }

private:
    bool expect(bool isGood)
    {
        m_isGood &= isGood;
        return isGood;
    }

    QCborMap m_map;
    bool m_isGood = true;
};

/// The list below \a value, each entry read by \a read.
template <typename T, typename Read>
std::optional<QList<T>> listFrom(const QCborValue &value, Read read)
{
    QList<T> list;
    if (value.isUndefined())
        return list;
    const QCborArray array = value.toArray();
    if (!value.isArray() || array.size() > mostEntries)
        return std::nullopt;
    for (const QCborValue entry : array) {
        const std::optional<T> each = read(entry);
        if (!each)
            return std::nullopt;
        list.append(*each);
    }
    return list;
}

QCborMap toCbor(const HeldFile &file)
{
    return {{u"path"_s, file.path},         {u"kinds"_s, file.kinds.toInt()},
            {u"written"_s, file.isWritten}, {u"stale"_s, file.isStale},
            {u"certain"_s, file.isCertain}, {u"processes"_s, Entracte::toCbor(file.processes)}};
}

std::optional<HeldFile> fileFrom(const QCborValue &value)
{
    if (!value.isMap())
        return std::nullopt;
    Reader reader(value.toMap());
    HeldFile file;
    file.path = reader.text(u"path"_s);
    file.kinds = reader.flags<HoldKind>(u"kinds"_s);
    file.isWritten = reader.truth(u"written"_s, false);
    file.isStale = reader.truth(u"stale"_s, false);
    file.isCertain = reader.truth(u"certain"_s, true);
    file.processes = reader.take(processesFrom(reader.value(u"processes"_s)));
    return reader.isGood() && file.path.startsWith(u'/') ? std::optional(file) : std::nullopt;
}

} // namespace

QCborArray toCbor(const QList<UniqueProcess> &processes)
{
    QCborArray array;
    for (const UniqueProcess &process : processes)
        array.append(QCborArray{process.pid, qint64(process.startTime)});
    return array;
}

std::optional<QList<UniqueProcess>> processesFrom(const QCborValue &value)
{
    return listFrom<UniqueProcess>(value, [](const QCborValue &entry) {
        const QCborArray pair = entry.toArray();
        const bool isPair = pair.size() == 2 && pair[0].isInteger() && pair[1].isInteger();
        return isPair && pair[0].toInteger() >= 0
                 ? std::optional(UniqueProcess{pair[0].toInteger(), quint64(pair[1].toInteger())})
                 : std::nullopt;
    });
}

std::optional<QStringList> stringsFrom(const QCborValue &value)
{
    return listFrom<QString>(value, [](const QCborValue &entry) {
        return entry.isString() ? std::optional(entry.toString()) : std::nullopt;
    });
}

QCborMap toCbor(const AffectedApplication &application)
{
    QCborArray files;
    for (const HeldFile &file : application.files)
        files.append(toCbor(file));
    return {{u"processes"_s, toCbor(application.processes)},
            {u"name"_s, application.name},
            {u"icon"_s, application.iconName},
            {u"executable"_s, application.executable},
            {u"service"_s, application.serviceName},
            {u"unit"_s, application.unit},
            {u"userUnit"_s, application.isUserUnit},
            {u"document"_s, application.document},
            {u"logonSession"_s, application.logonSession},
            {u"type"_s, int(application.type)},
            {u"status"_s, application.status.toInt()},
            {u"restartability"_s, int(application.restartability)},
            {u"level"_s, int(application.requiredLevel)},
            {u"uid"_s, application.ownerUid},
            {u"owner"_s, application.owner},
            {u"files"_s, files}};
}

std::optional<AffectedApplication> applicationFrom(const QCborMap &map)
{
    Reader reader(map);
    AffectedApplication application;
    application.processes = reader.take(processesFrom(reader.value(u"processes"_s)));
    application.process = application.processes.value(0);
    application.name = reader.text(u"name"_s);
    application.iconName = reader.text(u"icon"_s);
    application.executable = reader.text(u"executable"_s);
    application.serviceName = reader.text(u"service"_s);
    application.unit = reader.text(u"unit"_s);
    application.isUserUnit = reader.truth(u"userUnit"_s, false);
    application.document = reader.text(u"document"_s);
    application.logonSession =
        int(reader.number(u"logonSession"_s, -1, -1, std::numeric_limits<int>::max()));
    application.type = reader.word(u"type"_s, ApplicationType::Unknown);
    application.status = reader.flags<ApplicationStatus>(u"status"_s);
    application.restartability = reader.word(u"restartability"_s, Restartability::Captured);
    application.requiredLevel = reader.word(u"level"_s, RestartLevel::Application);
    application.ownerUid = reader.number(u"uid"_s, -1, -1, std::numeric_limits<quint32>::max());
    application.owner = reader.text(u"owner"_s);
    application.files = reader.take(listFrom<HeldFile>(reader.value(u"files"_s), fileFrom));
    return reader.isGood() ? std::optional(application) : std::nullopt;
}

} // namespace Entracte
