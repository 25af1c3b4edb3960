// SPDX-License-Identifier: MIT
#pragma once

#include <cerrno>
#include <cstdint>

#include <unistd.h>

// System calls past libc, whose names the fault shim takes.

#if defined(__x86_64__)
#define ENTRACTE_RAW_SYSTEM_CALLS
/// A system call without libc: the result, or the negative errno.
inline long ask(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0)
{
    long result = number;
    register long fourth asm("r10") = d;
    register long fifth asm("r8") = e;
    register long sixth asm("r9") = f;
    asm volatile("syscall"
                 : "+a"(result)
                 : "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
                 : "rcx", "r11", "memory");
    return result;
}
#elif defined(__aarch64__)
#define ENTRACTE_RAW_SYSTEM_CALLS
inline long ask(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0)
{
    register long which asm("x8") = number;
    register long first asm("x0") = a;
    register long second asm("x1") = b;
    register long third asm("x2") = c;
    register long fourth asm("x3") = d;
    register long fifth asm("x4") = e;
    register long sixth asm("x5") = f;
    asm volatile("svc 0"
                 : "+r"(first)
                 : "r"(which), "r"(second), "r"(third), "r"(fourth), "r"(fifth), "r"(sixth)
                 : "memory");
    return first;
}
#else
inline long ask(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0)
{
    const long result = ::syscall(number, a, b, c, d, e, f);
    return result < 0 ? -errno : result;
}
#endif

/// As libc answers: -1 and errno.
inline long answer(long result)
{
    if (result >= -4095 && result < 0) {
        errno = int(-result);
        return -1;
    }
    return result;
}

inline long word(const void *pointer)
{
    return long(reinterpret_cast<std::intptr_t>(pointer));
}
