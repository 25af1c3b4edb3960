// SPDX-License-Identifier: MIT
#include "platform/linux/agent/desktopfactscbor.h"

#include "platform/linux/process.h"

#include <QCborArray>

#include <limits>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

constexpr qsizetype mostEntries = 2000;
constexpr qsizetype longestText = 300;

bool isPid(const QCborValue &value)
{
    return value.isInteger() && value.toInteger() >= 0
        && value.toInteger() <= std::numeric_limits<pid_t>::max();
}

bool isText(const QCborValue &value)
{
    return value.isString() && value.toString().size() <= longestText;
}

bool isList(const QCborValue &value)
{
    return value.isArray() && value.toArray().size() <= mostEntries;
}

QCborArray arrayOf(const QSet<pid_t> &pids)
{
    QCborArray array;
    for (const pid_t pid : pids)
        if (array.size() < mostEntries)
            array.append(qint64(pid));
    return array;
}

std::optional<QSet<pid_t>> pidsFrom(const QCborValue &value)
{
    QSet<pid_t> pids;
    for (const QCborValue pid : value.toArray()) {
        if (!isPid(pid))
            return std::nullopt;
        pids.insert(pid_t(pid.toInteger()));
    }
    return isList(value) ? std::optional(pids) : std::nullopt;
}

QCborArray arrayOf(const ClientWindow &window)
{
    return {qint64(window.pid),
            qint64(window.leader),
            int(window.kind),
            window.title.left(longestText),
            window.instance.left(longestText),
            window.windowClass.left(longestText),
            window.applicationId.left(longestText)};
}

std::optional<ClientWindow> windowFrom(const QCborValue &value)
{
    const QCborArray array = value.toArray();
    const qint64 kind = array.at(2).toInteger(-1);
    if (array.size() != 7 || !isPid(array.at(0)) || !isPid(array.at(1)) || kind < 0
        || kind > qint64(ClientWindow::Kind::Desktop))
        return std::nullopt;
    for (qsizetype i = 3; i < array.size(); ++i)
        if (!isText(array.at(i)))
            return std::nullopt;
    const auto text = [&array](qsizetype i) { return plainText(array.at(i).toString()); };
    return ClientWindow{pid_t(array.at(0).toInteger()),
                        pid_t(array.at(1).toInteger()),
                        ClientWindow::Kind(kind),
                        text(3),
                        text(4),
                        text(5),
                        text(6)};
}

} // namespace

QCborMap toCbor(const DesktopFacts &facts)
{
    QCborArray windows;
    for (const ClientWindow &window : facts.display.windows)
        if (windows.size() < mostEntries)
            windows.append(arrayOf(window));
    QCborArray names;
    for (auto name = facts.bus.names.cbegin(); name != facts.bus.names.cend(); ++name)
        if (names.size() < mostEntries && name.value().size() <= longestText)
            names.append(QCborArray{qint64(name.key()), name.value()});
    return {{u"windows"_s, windows},
            {u"clients"_s, arrayOf(facts.display.clients)},
            {u"names"_s, names},
            {u"pillars"_s, arrayOf(facts.pillars)}};
}

std::optional<DesktopFacts> desktopFactsFrom(const QCborValue &value)
{
    const QCborMap map = value.toMap();
    const std::optional<QSet<pid_t>> clients = pidsFrom(map.value(u"clients"_s));
    const std::optional<QSet<pid_t>> pillars = pidsFrom(map.value(u"pillars"_s));
    if (!clients || !pillars || !isList(map.value(u"windows"_s)) || !isList(map.value(u"names"_s)))
        return std::nullopt;
    DesktopFacts facts;
    facts.display.clients = *clients;
    facts.pillars = *pillars;
    for (const QCborValue entry : map.value(u"windows"_s).toArray()) {
        const std::optional<ClientWindow> window = windowFrom(entry);
        if (!window)
            return std::nullopt;
        facts.display.windows.append(*window);
    }
    for (const QCborValue entry : map.value(u"names"_s).toArray()) {
        const QCborArray name = entry.toArray();
        if (name.size() != 2 || !isPid(name.at(0)) || !isText(name.at(1)))
            return std::nullopt;
        facts.bus.names.insert(pid_t(name.at(0).toInteger()), plainText(name.at(1).toString()));
    }
    return facts;
}

} // namespace Entracte
