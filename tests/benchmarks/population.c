// SPDX-License-Identifier: MIT
// population make DIRECTORY FILES
//   Makes FILES small files, 250 in a folder: DIRECTORY/000/file-000000 and so on. Those that exist
//   stay.
// population run ROOM PROCESSES FILES
//   Starts PROCESSES processes, each with 50 to 60 descriptors (three in five of them regular
//   files, the others sockets and eventfds), 40 libraries of four segments each and 30 anonymous
//   mappings. One in fifty holds the first of the FILES files in ROOM/busy, one of the first
//   thousand and one of all: by turns through descriptors, and through mappings whose descriptors
//   are closed. Prints one line for each file held, "PID open|mapped NAME", then "ready"; ends, and
//   all with it, when its standard input ends or its starter dies.
// Status 0: done. 1: failed, with a sentence on stderr. 2: wrong usage.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    FilesInFolder = 250,
    FirstFiles = 1000,
    Libraries = 40,
    Anonymous = 30,
    FewestDescriptors = 50,
    MostDescriptors = 60,
    ProcessesForOneUser = 50,
    HeldByUser = 3,
};

static const char libraryBytes[] = "library";

static void fail(const char *format, ...)
{
    const char *const answer = strerror(errno);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, ": %s\n", answer);
    exit(1);
}

static int createdFile(const char *name, off_t size)
{
    const int file = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0)
        fail("%s cannot be made", name);
    if (size > 0 && ftruncate(file, size) != 0)
        fail("%s cannot be made %lld bytes long", name, (long long)size);
    return file;
}

static void makeFolder(const char *name)
{
    if (mkdir(name, 0755) != 0 && errno != EEXIST)
        fail("The folder %s cannot be made", name);
}

// --- files ---------------------------------------------------------------------------------------

static char *nameOf(const char *directory, long number)
{
    static char name[4096];
    snprintf(name, sizeof name, "%s/%03ld/file-%06ld", directory, number / FilesInFolder, number);
    return name;
}

static int make(const char *directory, long files)
{
    makeFolder(directory);
    for (long number = 0; number < files; ++number) {
        if (number % FilesInFolder == 0) {
            char folder[4096];
            snprintf(folder, sizeof folder, "%s/%03ld", directory, number / FilesInFolder);
            makeFolder(folder);
        }
        close(createdFile(nameOf(directory, number), 1));
    }
    return 0;
}

// --- what every process has
// ------------------------------------------------------------------------

/// As a linker lays them out: four segments without a gap, of which the last one may be written.
static void mapLibrary(const char *room, int number, size_t page)
{
    static const struct
    {
        size_t pages;
        int protection;
    } segments[] = {
        {4, PROT_READ}, {16, PROT_READ | PROT_EXEC}, {8, PROT_READ}, {2, PROT_READ | PROT_WRITE}};
    const size_t pages = 30;
    char name[4096];
    snprintf(name, sizeof name, "%s/libraries/lib%02d.so", room, number);
    const int file = createdFile(name, (off_t)(pages * page));
    if (pwrite(file, libraryBytes, sizeof libraryBytes, 0) < 0)
        fail("%s cannot be written", name);

    char *at = mmap(NULL, (pages + 1) * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        fail("There is no room for %s", name);
    off_t offset = 0;
    for (size_t each = 0; each < sizeof segments / sizeof *segments; ++each) {
        const size_t size = segments[each].pages * page;
        if (mmap(at + offset, size, segments[each].protection, MAP_PRIVATE | MAP_FIXED, file,
                 offset)
            == MAP_FAILED)
            fail("%s cannot be mapped", name);
        offset += (off_t)size;
    }
    close(file);
}

static void mapAnonymous(size_t page)
{
    for (int number = 0; number < Anonymous; ++number) {
        // Neighbours with the same rights would become one.
        const int protection = number % 2 ? PROT_READ : PROT_READ | PROT_WRITE;
        if (mmap(NULL, 4 * page, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
            fail("There is no room for an anonymous mapping");
    }
}

/// Opens what the processes inherit, from \a first on.
static void openDescriptors(const char *room, int first)
{
    for (int number = first; number < MostDescriptors; ++number) {
        int descriptor;
        if (number % 5 < 3) {
            char name[4096];
            snprintf(name, sizeof name, "%s/data/data-%02d", room, number);
            descriptor = createdFile(name, 1);
        } else if (number % 5 == 3) {
            descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
        } else {
            descriptor = eventfd(0, 0);
        }
        if (descriptor < 0 || dup2(descriptor, number) < 0)
            fail("Descriptor %d cannot be opened", number);
        if (descriptor != number)
            close(descriptor);
    }
}

// --- the processes
// -----------------------------------------------------------------------------------

/// The number of the file that user \a user holds as its \a which one.
static long heldNumber(long user, int which, long files)
{
    const long first = files < FirstFiles ? files : FirstFiles;
    return which == 0 ? 0 : which == 1 ? user * 23 % first : user * 1237 % files;
}

static void hold(const char *name, int byMapping, size_t page)
{
    const int file = open(name, O_RDONLY);
    if (file < 0)
        _exit(1);
    if (!byMapping)
        return;
    if (mmap(NULL, page, PROT_READ, MAP_PRIVATE, file, 0) == MAP_FAILED)
        _exit(1);
    close(file);
}

struct Population
{
    const char *room;
    long files;
    size_t page;
    int ready;    ///< every process writes a byte into it
    int lifeline; ///< our own standard input
    pid_t starter;
};

/// Returns when none of them is left, zombies included.
static void endAll(const pid_t *pids, long processes)
{
    for (long number = 0; number < processes; ++number)
        kill(pids[number], SIGKILL);
    for (long number = 0; number < processes; ++number)
        waitpid(pids[number], NULL, 0);
}

static void live(const struct Population *all, long number)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != all->starter)
        _exit(1);
    const int none = open("/dev/null", O_RDWR);
    for (int standard = 0; standard < 3; ++standard)
        dup2(none, standard);
    close(none);
    close(all->lifeline);

    const long spread = MostDescriptors - FewestDescriptors + 1;
    for (int last = FewestDescriptors + (int)(number % spread); last < MostDescriptors; ++last)
        close(last);
    if (number % ProcessesForOneUser == 0) {
        char busy[2048];
        snprintf(busy, sizeof busy, "%s/busy", all->room);
        const long user = number / ProcessesForOneUser;
        for (int which = 0; which < HeldByUser; ++which)
            hold(nameOf(busy, heldNumber(user, which, all->files)), user % 2 != 0, all->page);
    }
    if (write(all->ready, "", 1) != 1)
        _exit(1);
    close(all->ready);
    for (;;)
        pause();
}

static void report(const struct Population *all, pid_t pid, long number)
{
    if (number % ProcessesForOneUser != 0)
        return;
    char busy[2048];
    snprintf(busy, sizeof busy, "%s/busy", all->room);
    const long user = number / ProcessesForOneUser;
    for (int which = 0; which < HeldByUser; ++which)
        printf("%d %s %s\n", (int)pid, user % 2 ? "mapped" : "open",
               nameOf(busy, heldNumber(user, which, all->files)));
}

static int run(const char *room, long processes, long files)
{
    struct Population all = {room, files, (size_t)sysconf(_SC_PAGESIZE), -1, -1, getpid()};
    prctl(PR_SET_PDEATHSIG, SIGKILL); // and the processes' own one then ends them
    char name[4096];
    snprintf(name, sizeof name, "%s/libraries", room);
    makeFolder(name);
    snprintf(name, sizeof name, "%s/data", room);
    makeFolder(name);

    int ends[2];
    if (pipe(ends) != 0)
        fail("A pipe cannot be opened");
    all.ready = fcntl(ends[1], F_DUPFD, MostDescriptors);
    all.lifeline = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, MostDescriptors);
    const int report_end = fcntl(ends[0], F_DUPFD, MostDescriptors);
    if (all.ready < 0 || all.lifeline < 0 || report_end < 0)
        fail("A pipe cannot be kept");
    openDescriptors(room, 3);
    for (int number = 0; number < Libraries; ++number)
        mapLibrary(room, number, all.page);
    mapAnonymous(all.page);

    pid_t *const pids = calloc((size_t)processes, sizeof *pids);
    for (long number = 0; pids && number < processes; ++number) {
        pids[number] = fork();
        if (pids[number] < 0)
            fail("Process %ld cannot be started", number);
        if (pids[number] == 0) {
            close(report_end);
            live(&all, number);
        }
        report(&all, pids[number], number);
        fflush(stdout);
    }
    close(all.ready);
    for (long heard = 0; heard < processes;) {
        char bytes[4096];
        const ssize_t length = read(report_end, bytes, sizeof bytes);
        if (length <= 0)
            fail("Only %ld of %ld processes are ready", heard, processes);
        heard += length;
    }
    puts("ready");
    fflush(stdout);
    char byte;
    while (read(all.lifeline, &byte, 1) > 0)
        ;
    if (pids)
        endAll(pids, processes);
    free(pids);
    return 0;
}

int main(int count, char *arguments[])
{
    if (count == 4 && strcmp(arguments[1], "make") == 0)
        return make(arguments[2], atol(arguments[3]));
    if (count == 5 && strcmp(arguments[1], "run") == 0 && atol(arguments[4]) > 0)
        return run(arguments[2], atol(arguments[3]), atol(arguments[4]));
    fputs("usage: population make DIRECTORY FILES\n       population run ROOM PROCESSES FILES\n",
          stderr);
    return 2;
}
