// SPDX-License-Identifier: MIT
#include "support/signalwitness.h"

#include <atomic>
#include <cstdarg>

#include <csignal>
#include <dlfcn.h>
#include <sys/syscall.h>

static std::atomic<int> sent = 0;

int SignalWitness::signalsSent()
{
    return sent;
}

template <typename Function>
static Function *original(const char *name)
{
    return reinterpret_cast<Function *>(dlsym(RTLD_NEXT, name));
}

static void note(int signal)
{
    if (signal != 0)
        ++sent;
}

extern "C" {

int kill(pid_t pid, int signal) noexcept
{
    static auto *const real = original<int(pid_t, int)>("kill");
    note(signal);
    return real(pid, signal);
}

int pidfd_send_signal(int process, int signal, siginfo_t *info, unsigned flags) noexcept
{
    static auto *const real = original<int(int, int, siginfo_t *, unsigned)>("pidfd_send_signal");
    note(signal);
    return real(process, signal, info, flags);
}

long syscall(long number, ...) noexcept
{
    using Real = long(long, long, long, long, long, long, long);
    static std::atomic<Real *> real = nullptr;
    if (!real)
        real = original<Real>("syscall");
    std::va_list rest;
    va_start(rest, number);
    long arguments[6];
    for (long &argument : arguments)
        argument = va_arg(rest, long);
    va_end(rest);
    const bool isSignal = number == SYS_kill || number == SYS_tgkill || number == SYS_tkill
                       || number == SYS_rt_sigqueueinfo || number == SYS_pidfd_send_signal;
    if (isSignal)
        note(int(arguments[number == SYS_tgkill ? 2 : 1]));
    return real.load()(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
                       arguments[5]);
}

} // extern "C"
