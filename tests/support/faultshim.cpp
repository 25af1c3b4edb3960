// SPDX-License-Identifier: MIT
#include "support/faultshim.h"

#include "support/passage.h"
#include "support/rawcall.h"

#include <array>
#include <atomic>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/syscall.h>

using Call = FaultShim::Call;
using Fault = FaultShim::Fault;
using Lasting = FaultShim::Lasting;

namespace {

// The counted calls are made before main() and after it too: these need no construction.
constinit std::array<std::atomic<int>, FaultShim::callCount> counts{};
constinit std::atomic<int> hits{0};
constinit std::atomic<bool> isNarrowed{false};
constinit std::atomic<bool> hasArrangements{false};
constinit std::mutex guard;
constinit thread_local bool anActionRuns = false;

std::vector<Arrangement> &arrangements()
{
    static auto *const list = new std::vector<Arrangement>; // outlives every static object
    return *list;
}

std::string &narrowedTo()
{
    static auto *const directory = new std::string;
    return *directory;
}

void add(Arrangement arrangement)
{
    const std::lock_guard lock(guard);
    arrangements().push_back(std::move(arrangement));
    hasArrangements = true;
}

void signalSelf(int signal)
{
    ask(SYS_tgkill, ask(SYS_getpid), ask(SYS_gettid), signal);
}

/// Where \a descriptor leads; empty if that has no path.
std::string pathOf(int descriptor)
{
    const std::string name = descriptor == AT_FDCWD ? std::string("/proc/self/cwd")
                                                    : "/proc/self/fd/" + std::to_string(descriptor);
    std::array<char, PATH_MAX> path;
    const long length =
        ask(SYS_readlinkat, AT_FDCWD, word(name.c_str()), word(path.data()), long(path.size()));
    return length > 0 ? std::string(path.data(), size_t(length)) : std::string();
}

bool isBelow(const std::string &path)
{
    const std::lock_guard lock(guard);
    const std::string &directory = narrowedTo();
    return path.compare(0, directory.size(), directory) == 0
        && (path.size() == directory.size() || path[directory.size()] == '/');
}

void act(const std::function<void()> &action)
{
    const int errorNumber = errno;
    anActionRuns = true;
    action();
    anActionRuns = false;
    errno = errorNumber;
}

} // namespace

bool Subject::isMeant() const
{
    if (descriptor == -1 && !path)
        return false;
    if (!path || *path == '\0')
        return isBelow(pathOf(descriptor));
    return isBelow(*path == '/' ? std::string(path) : pathOf(descriptor) + '/' + path);
}

Passage::Passage(Call call, const Subject &subject, const Subject &other)
{
    if (isActing())
        return;
    const int errorNumber = errno;
    if (!isNarrowed || subject.isMeant() || other.isMeant())
        find(call, ++counts[size_t(call)]);
    errno = errorNumber;
    begin();
}

int Passage::error() const
{
    return m_found && m_found->fault == Fault::Error ? m_found->errorNumber : 0;
}

bool Passage::tears() const
{
    return m_found && m_found->fault == Fault::Tear;
}

long Passage::end(long result)
{
    if (m_found && (m_found->fault == Fault::KillAfter || m_found->fault == Fault::Tear))
        signalSelf(SIGKILL);
    if (m_found && m_found->fault == Fault::StopAfter)
        signalSelf(SIGSTOP);
    if (m_found && m_found->after)
        act(m_found->after);
    return answer(result);
}

bool Passage::isActing()
{
    return anActionRuns;
}

void Passage::find(Call call, int number)
{
    if (!hasArrangements)
        return;
    const std::lock_guard lock(guard);
    for (const Arrangement &arrangement : arrangements()) {
        const bool isHit =
            number == arrangement.number
            || (arrangement.lasting == Lasting::FromThenOn && number > arrangement.number);
        if (arrangement.call == call && isHit) {
            ++hits;
            // Something to run and something to suffer may fall on the same call.
            if (!m_found) {
                m_found = arrangement;
                continue;
            }
            if (arrangement.fault) {
                m_found->fault = arrangement.fault;
                m_found->errorNumber = arrangement.errorNumber;
            }
            if (arrangement.before)
                m_found->before = arrangement.before;
            if (arrangement.after)
                m_found->after = arrangement.after;
        }
    }
}

void Passage::begin()
{
    if (!m_found)
        return;
    if (m_found->before)
        act(m_found->before);
    if (m_found->fault == Fault::KillBefore)
        signalSelf(SIGKILL);
    if (m_found->fault == Fault::StopBefore)
        signalSelf(SIGSTOP);
}

void FaultShim::fail(Call call, int number, int errorNumber, Lasting lasting)
{
    add({call, number, Fault::Error, errorNumber, lasting, {}, {}});
}

void FaultShim::arrange(Call call, int number, Fault fault)
{
    add({call, number, fault, 0, Lasting::Once, {}, {}});
}

void FaultShim::before(Call call, int number, std::function<void()> action)
{
    add({call, number, std::nullopt, 0, Lasting::Once, std::move(action), {}});
}

void FaultShim::after(Call call, int number, std::function<void()> action)
{
    add({call, number, std::nullopt, 0, Lasting::Once, {}, std::move(action)});
}

void FaultShim::onlyBelow(const std::string &directory)
{
    // Links resolved, as the kernel tells the paths of descriptors.
    char *const resolved = ::realpath(directory.c_str(), nullptr);
    const std::lock_guard lock(guard);
    narrowedTo() = resolved ? resolved : directory;
    std::free(resolved);
    isNarrowed = true;
}

int FaultShim::count(Call call)
{
    return counts[size_t(call)];
}

int FaultShim::hitCount()
{
    return hits;
}

void FaultShim::reset()
{
    const std::lock_guard lock(guard);
    arrangements().clear();
    hasArrangements = false;
    isNarrowed = false;
    hits = 0;
    for (std::atomic<int> &count : counts)
        count = 0;
}
