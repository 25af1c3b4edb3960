// SPDX-License-Identifier: MIT
#include "restart/resources.h"

#include "restart/restartcode.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QSet>

namespace Entracte {

namespace {

class ResourceErrors
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::Resources)
};

constexpr int longestPath = 4096;   // PATH_MAX
constexpr int longestService = 255; // a unit name's limit

template <typename Item>
void append(QList<Item> &mine, const QList<Item> &others)
{
    if (mine.isEmpty()) {
        mine = others;
        return;
    }
    const QSet<Item> known(mine.cbegin(), mine.cend());
    for (const Item &other : others)
        if (!known.contains(other))
            mine.append(other);
}

template <typename Item>
void remove(QList<Item> &mine, const QList<Item> &others)
{
    if (mine.isEmpty() || others.isEmpty())
        return;
    const QSet<Item> gone(others.cbegin(), others.cend());
    mine.removeIf([&gone](const Item &item) { return gone.contains(item); });
}

Error refused(const QString &message)
{
    return restartError(RestartCode::BadArguments, message);
}

/// Links resolved, so that /usr/bin/x and /bin/x are one program; a missing file keeps its name.
QString canonical(const QString &path)
{
    const QString real = QFileInfo(path).canonicalFilePath();
    return real.isEmpty() ? path : real;
}

} // namespace

size_t qHash(const UniqueProcess &process, size_t seed)
{
    return qHashMulti(seed, process.pid, process.startTime);
}

void Resources::unite(const Resources &others)
{
    append(files, others.files);
    append(processes, others.processes);
    append(services, others.services);
}

void Resources::subtract(const Resources &others)
{
    remove(files, others.files);
    remove(processes, others.processes);
    remove(services, others.services);
}

Result<> Resources::validate() const
{
    for (const QString &file : files)
        if (!file.startsWith(u'/') || file.size() > longestPath || file.contains(QChar::Null))
            return refused(
                ResourceErrors::tr("“%1” is not an absolute path, so it cannot be registered.",
                                   "restart manager error")
                    .arg(file.left(200)));
    for (const UniqueProcess &process : processes)
        if (process.pid <= 0)
            return refused(
                ResourceErrors::tr("%1 is not the number of a process.", "restart manager error")
                    .arg(process.pid));
    for (const QString &service : services)
        if (service.isEmpty() || service.size() > longestService || service.contains(u'/'))
            return refused(
                ResourceErrors::tr("“%1” is not the name of a service.", "restart manager error")
                    .arg(service.left(200)));
    return {};
}

bool RestartFilter::appliesTo(const AffectedApplication &application) const
{
    if (const auto *executable = std::get_if<Executable>(&target))
        return !application.executable.isEmpty()
            && canonical(executable->path) == canonical(application.executable);
    if (const auto *process = std::get_if<UniqueProcess>(&target))
        return application.processes.contains(*process);
    return !application.serviceName.isEmpty()
        && std::get<Service>(target).name == application.serviceName;
}

} // namespace Entracte
