// SPDX-License-Identifier: MIT
// lookfloor FILES-FROM busy|free
//   The system calls that nobody who asks /proc or for leases can do without, and nothing else:
//   busy: the status of each descriptor of each process, found by its number, and each map as text.
//   free: a lease on each file of the list: opened, its identity looked at, asked for, closed.
//   Remembers and compares nothing. Prints one line of JSON with its user and system time in
//   microseconds, as detectiondriver does. Status 0: done. 1: failed. 2: wrong usage.
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char block[256 * 1024];

static long microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void look_at_descriptors(const char *pid)
{
    char name[300];
    struct stat folder;
    struct statx status;
    snprintf(name, sizeof name, "/proc/%s/fd", pid);
    const int descriptors = open(name, O_PATH | O_CLOEXEC);
    if (descriptors < 0 || fstat(descriptors, &folder) != 0)
        return;
    long left = folder.st_size;
    for (int number = 0, missed = 0; left > 0 && missed < 16; ++number) {
        snprintf(name, sizeof name, "%d", number);
        if (statx(descriptors, name, AT_STATX_DONT_SYNC, STATX_INO, &status) == 0)
            --left;
        else
            ++missed;
    }
    close(descriptors);
}

static void look_at_maps(const char *pid)
{
    char name[300];
    snprintf(name, sizeof name, "/proc/%s/maps", pid);
    const int maps = open(name, O_RDONLY | O_CLOEXEC);
    while (maps >= 0 && read(maps, block, sizeof block) > 0)
        ;
    if (maps >= 0)
        close(maps);
}

static int look_at_all(void)
{
    DIR *const all = opendir("/proc");
    if (!all)
        return 1;
    const struct dirent *entry;
    while ((entry = readdir(all)))
        if (isdigit((unsigned char)*entry->d_name)) {
            look_at_descriptors(entry->d_name);
            look_at_maps(entry->d_name);
        }
    closedir(all);
    return 0;
}

static void ask_for_lease(const char *name)
{
    struct stat status;
    const int file = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (file < 0)
        return;
    fstat(file, &status);
    fcntl(file, F_SETSIG, SIGURG);
    fcntl(file, F_SETLEASE, F_WRLCK);
    close(file);
}

static long ask_for_leases(const char *list)
{
    FILE *const names = fopen(list, "r");
    if (!names)
        return -1;
    static char name[4096];
    long spent = 0; // reading the list is not the subject
    while (fgets(name, sizeof name, names)) {
        name[strcspn(name, "\n")] = '\0';
        const long start = microseconds();
        ask_for_lease(name);
        spent += microseconds() - start;
    }
    fclose(names);
    return spent;
}

int main(int count, char **arguments)
{
    if (count != 3)
        return 2;
    long spent;
    if (strcmp(arguments[2], "free") == 0) {
        spent = ask_for_leases(arguments[1]);
    } else {
        const long start = microseconds();
        spent = look_at_all() == 0 ? microseconds() - start : -1;
    }
    if (spent < 0)
        return 1;
    printf("{\"registerCpu\":0,\"scanCpu\":%ld,\"held\":[]}\n", spent);
    return 0;
}
