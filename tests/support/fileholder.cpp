// SPDX-License-Identifier: MIT
// A program that holds a file in the ways it is told, prints "ready" and waits to be ended.
//
//   fileholder [--open FILE] [--map FILE] [--cwd DIR] [--ignore-term] [--catch-term] [--fork]
//              [--register NAME ARGUMENT] [--report FILE] [--end-when FIFO]
//
// --end-when: asked by SIGTERM it ends as soon as somebody opens FIFO for writing, not before.
// To hold a file by executing it, copy the program. --report writes down how the program finds
// itself: arguments, working directory, umask, user and the variable HOLDER_TEST.
#include "client/restartregistration.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <string_view>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

[[noreturn]] void fail(const char *what)
{
    std::perror(what);
    std::exit(2);
}

void map(const char *path)
{
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || mmap(nullptr, 1, PROT_READ, MAP_PRIVATE, file, 0) == MAP_FAILED)
        fail(path);
    close(file);
}

[[noreturn]] void waitForever()
{
    while (true)
        pause();
}

void endCleanly(int)
{
    _exit(0);
}

const char *signalToEnd = nullptr;

void endLate(int)
{
    if (open(signalToEnd, O_RDONLY | O_CLOEXEC) >= 0)
        _exit(0);
}

void report(const char *path, int argc, char **argv)
{
    const mode_t mask = umask(0);
    umask(mask);
    char directory[4096] = {};
    if (!getcwd(directory, sizeof directory))
        fail("getcwd");
    const QByteArray temporary = QByteArray(path) + ".new";
    std::FILE *const file = std::fopen(temporary.constData(), "w");
    if (!file)
        fail(path);
    for (int i = 1; i < argc; ++i)
        std::fprintf(file, "[%s]", argv[i]);
    const char *const variable = std::getenv("HOLDER_TEST");
    const char *const foreign = std::getenv("INVOCATION_ID");
    std::fprintf(file, "\ncwd %s\numask %03o\nuid %d\nHOLDER_TEST %s\nINVOCATION_ID %s\n",
                 directory, unsigned(mask), int(getuid()), variable ? variable : "",
                 foreign ? foreign : "");
    std::fclose(file);
    std::rename(temporary.constData(), path);
}

} // namespace

int main(int argc, char **argv)
{
    Entracte::Client::RestartRegistration registration;
    for (int i = 1; i < argc; ++i) {
        const std::string_view option = argv[i];
        const char *const value = i + 1 < argc ? argv[i + 1] : "";
        if (option == "--open") {
            if (open(value, O_RDONLY) < 0)
                fail(value);
        } else if (option == "--map") {
            map(value);
        } else if (option == "--cwd") {
            if (chdir(value) != 0)
                fail(value);
        } else if (option == "--ignore-term") {
            signal(SIGTERM, SIG_IGN);
        } else if (option == "--catch-term") {
            signal(SIGTERM, endCleanly);
        } else if (option == "--end-when") {
            signalToEnd = value;
            signal(SIGTERM, endLate);
        } else if (option == "--fork") {
            if (fork() == 0)
                waitForever();
        } else if (option == "--register") {
            registration.setName(QString::fromLocal8Bit(value));
            registration.setArguments({QString::fromLocal8Bit(argv[i + 2])});
            if (!registration.publish())
                fail("publish");
        } else if (option == "--report") {
            report(value, argc, argv);
        }
    }
    std::puts("ready");
    std::fflush(stdout);
    waitForever();
}
