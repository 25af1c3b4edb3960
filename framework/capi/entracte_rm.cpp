// SPDX-License-Identifier: MIT
#include "capi/entracte_rm.h"

#include "capi/sessiontable.h"
#include "client/restartregistration.h"

#include <QProcess>

#include <cstring>
#include <mutex>

using namespace Entracte;

namespace {

uint32_t number(RestartCode code)
{
    return static_cast<uint32_t>(code);
}

constexpr uint32_t badArguments = ENTRACTE_RM_ERROR_BAD_ARGUMENTS;

/// Nothing may be thrown through a C caller; what is thrown here is a lack of memory.
template <typename Call>
uint32_t guarded(Call call) noexcept
{
    try {
        return call();
    } catch (...) {
        return ENTRACTE_RM_ERROR_OUTOFMEMORY;
    }
}

UniqueProcess from(const entracte_rm_unique_process &process)
{
    return {process.process_id, process.process_start_time};
}

entracte_rm_unique_process to(const UniqueProcess &process)
{
    return {int32_t(process.pid), 0, process.startTime};
}

/// Cuts at a character, never inside one.
void copy(char *to, size_t size, const QString &text)
{
    QByteArray utf8 = text.toUtf8().left(qsizetype(size) - 1);
    while (!utf8.isEmpty() && QString::fromUtf8(utf8).endsWith(QChar::ReplacementCharacter))
        utf8.chop(1);
    std::memset(to, 0, size);
    std::memcpy(to, utf8.constData(), size_t(utf8.size()));
}

entracte_rm_process_info to(const RestartSession &session, const AffectedApplication &application)
{
    entracte_rm_process_info info{};
    info.process = to(application.process);
    copy(info.app_name, sizeof info.app_name, application.name);
    copy(info.service_short_name, sizeof info.service_short_name, application.serviceName);
    info.application_type = uint32_t(application.type);
    info.app_status = uint32_t(application.status.toInt());
    info.ts_session_id = application.logonSession;
    info.restartable = session.canComeBack(application) ? 1 : 0;
    return info;
}

bool readStrings(uint32_t count, const char *const *strings, QStringList &into)
{
    if (count > 0 && !strings)
        return false;
    for (uint32_t i = 0; i < count; ++i) {
        if (!strings[i])
            return false;
        into.append(QString::fromUtf8(strings[i]));
    }
    return true;
}

/// Exactly one selector, or nothing.
std::optional<RestartFilter::Target>
target(const char *moduleName, const entracte_rm_unique_process *process, const char *service)
{
    if ((moduleName ? 1 : 0) + (process ? 1 : 0) + (service ? 1 : 0) != 1)
        return std::nullopt;
    if (moduleName)
        return RestartFilter::Executable{QString::fromUtf8(moduleName)};
    if (process)
        return from(*process);
    return RestartFilter::Service{QString::fromUtf8(service)};
}

SessionTable::Progress forward(entracte_rm_write_status_callback callback)
{
    if (!callback)
        return {};
    return [callback](int percent) { callback(uint32_t(percent)); };
}

/// The name that goes into the filter's record; empty for a process.
QByteArray nameIn(const RestartFilter &filter)
{
    if (const auto *executable = std::get_if<RestartFilter::Executable>(&filter.target))
        return executable->path.toUtf8();
    if (const auto *service = std::get_if<RestartFilter::Service>(&filter.target))
        return service->name.toUtf8();
    return {};
}

QByteArray chainOf(const QList<RestartFilter> &filters)
{
    QByteArray chain;
    for (qsizetype i = 0; i < filters.size(); ++i) {
        const RestartFilter &filter = filters[i];
        const QByteArray name = nameIn(filter);
        entracte_rm_filter_info record{};
        record.filter_action = uint32_t(filter.action);
        record.filter_trigger = uint32_t(filter.target.index() + 1);
        qsizetype size = sizeof record;
        if (const auto *process = std::get_if<UniqueProcess>(&filter.target)) {
            record.process = to(*process);
        } else {
            record.name_offset = uint32_t(sizeof record);
            size += (name.size() + 1 + 7) / 8 * 8; // terminated, and the next record aligned
        }
        record.next_offset = i + 1 < filters.size() ? uint32_t(size) : 0;
        QByteArray bytes(reinterpret_cast<const char *>(&record), sizeof record);
        bytes.append(name);
        chain.append(bytes.leftJustified(size, '\0'));
    }
    return chain;
}

} // namespace

uint32_t rm_start_session(uint32_t *handle, uint32_t reserved_flags, char *key)
{
    if (!handle || !key || reserved_flags != 0)
        return badArguments;
    return guarded([&] {
        QString sessionKey;
        quint32 started = 0;
        const RestartCode code = sessionTable().start(started, sessionKey);
        if (code == RestartCode::Success) {
            *handle = started;
            copy(key, ENTRACTE_RM_CCH_SESSION_KEY + 1, sessionKey);
        }
        return number(code);
    });
}

uint32_t rm_join_session(uint32_t *handle, const char *key)
{
    if (!handle || !key
        || strnlen(key, ENTRACTE_RM_CCH_SESSION_KEY + 1) != ENTRACTE_RM_CCH_SESSION_KEY)
        return badArguments;
    return guarded([&] {
        quint32 joined = 0;
        const RestartCode code = sessionTable().join(joined, QString::fromUtf8(key));
        if (code == RestartCode::Success)
            *handle = joined;
        return number(code);
    });
}

uint32_t rm_end_session(uint32_t handle)
{
    return guarded([&] { return number(sessionTable().end(handle)); });
}

uint32_t rm_await_shutdown(uint32_t handle)
{
    return guarded([&] { return number(sessionTable().awaitShutdown(handle)); });
}

uint32_t rm_register_resources(uint32_t handle, uint32_t file_count, const char *const *files,
                               uint32_t process_count, const entracte_rm_unique_process *processes,
                               uint32_t service_count, const char *const *services)
{
    return guarded([&] {
        Resources resources;
        if (!readStrings(file_count, files, resources.files)
            || !readStrings(service_count, services, resources.services)
            || (process_count > 0 && !processes))
            return badArguments;
        for (uint32_t i = 0; i < process_count; ++i)
            resources.processes.append(from(processes[i]));
        return number(sessionTable().registerResources(handle, resources));
    });
}

uint32_t rm_get_list(uint32_t handle, uint32_t *needed, uint32_t *count,
                     entracte_rm_process_info *list, uint32_t *reboot_reasons)
{
    if (!needed || !count || !reboot_reasons || (*count > 0 && !list))
        return badArguments;
    return guarded([&] {
        const RestartCode code = sessionTable().runTask(
            handle, [](RestartSession &session) { return session.list(); }, {});
        if (code != RestartCode::Success)
            return number(code);
        return number(sessionTable().withPrimary(handle, [&](RestartSession &session) {
            const QList<AffectedApplication> &applications = session.applications();
            const uint32_t room = *count;
            *count = 0;
            *needed = uint32_t(applications.size());
            *reboot_reasons = uint32_t(session.rebootReasons().toInt());
            if (room < *needed)
                return RestartCode::MoreData;
            for (const AffectedApplication &application : applications)
                list[(*count)++] = to(session, application);
            return RestartCode::Success;
        }));
    });
}

uint32_t rm_shutdown(uint32_t handle, uint32_t flags, entracte_rm_write_status_callback progress)
{
    constexpr uint32_t known = ENTRACTE_RM_FORCE_SHUTDOWN | ENTRACTE_RM_SHUTDOWN_ONLY_REGISTERED;
    if ((flags & ~known) != 0)
        return badArguments;
    return guarded([&] {
        return number(
            sessionTable().shutdown(handle, ShutdownTypes(int(flags)), forward(progress)));
    });
}

uint32_t rm_restart(uint32_t handle, uint32_t reserved_flags,
                    entracte_rm_write_status_callback progress)
{
    if (reserved_flags != 0)
        return badArguments;
    return guarded([&] {
        return number(sessionTable().runTask(
            handle, [](RestartSession &session) { return session.restart(); }, forward(progress)));
    });
}

uint32_t rm_cancel_current_task(uint32_t handle)
{
    return guarded([&] { return number(sessionTable().cancel(handle)); });
}

uint32_t rm_add_filter(uint32_t handle, const char *module_name,
                       const entracte_rm_unique_process *process, const char *service_short_name,
                       uint32_t action)
{
    return guarded([&] {
        const auto selected = target(module_name, process, service_short_name);
        if (!selected || (action != ENTRACTE_RM_NO_RESTART && action != ENTRACTE_RM_NO_SHUTDOWN))
            return badArguments;
        return number(sessionTable().withPrimary(handle, [&](RestartSession &session) {
            return restartCodeOf(session.addFilter({*selected, FilterAction(action)}));
        }));
    });
}

uint32_t rm_remove_filter(uint32_t handle, const char *module_name,
                          const entracte_rm_unique_process *process, const char *service_short_name)
{
    return guarded([&] {
        const auto selected = target(module_name, process, service_short_name);
        if (!selected)
            return badArguments;
        return number(sessionTable().withPrimary(handle, [&](RestartSession &session) {
            return restartCodeOf(session.removeFilter(*selected));
        }));
    });
}

uint32_t rm_get_filter_list(uint32_t handle, void *buffer, uint32_t size, uint32_t *needed)
{
    if (!needed || (size > 0 && !buffer))
        return badArguments;
    return guarded([&] {
        return number(sessionTable().withPrimary(handle, [&](RestartSession &session) {
            const QByteArray chain = chainOf(session.filters());
            *needed = uint32_t(chain.size());
            if (size < *needed)
                return RestartCode::MoreData;
            if (!chain.isEmpty())
                std::memcpy(buffer, chain.constData(), size_t(chain.size()));
            return RestartCode::Success;
        }));
    });
}

namespace {

/// This program's own registration: like the handles, the one thing that a C caller cannot carry.
struct OwnRegistration
{
    std::mutex mutex;
    std::unique_ptr<Client::RestartRegistration> current;
};

OwnRegistration &ownRegistration()
{
    static OwnRegistration registration;
    return registration;
}

} // namespace

uint32_t rm_register_application_restart(const char *command_line, uint32_t flags)
{
    return guarded([&]() -> uint32_t {
        const QString line = QString::fromUtf8(command_line ? command_line : "");
        if (line.size() > ENTRACTE_RM_MAX_RESTART_CMD_LINE || flags > 15)
            return badArguments;
        OwnRegistration &own = ownRegistration();
        const std::lock_guard guard(own.mutex);
        if (!own.current)
            own.current = std::make_unique<Client::RestartRegistration>();
        own.current->setArguments(QProcess::splitCommand(line));
        own.current->setFlags(Client::RestartFlags(int(flags)));
        return own.current->publish() ? ENTRACTE_RM_SUCCESS : ENTRACTE_RM_ERROR_WRITE_FAULT;
    });
}

uint32_t rm_unregister_application_restart(void)
{
    return guarded([]() -> uint32_t {
        OwnRegistration &own = ownRegistration();
        const std::lock_guard guard(own.mutex);
        own.current.reset();
        return ENTRACTE_RM_SUCCESS;
    });
}
