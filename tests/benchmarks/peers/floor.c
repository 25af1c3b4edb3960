// SPDX-License-Identifier: MIT
/* `floor install LIST TARGET` makes the folders, links and files of LIST and writes as many bytes.

   `floor update LIST TARGET DRAFT` does the same beside TARGET, kept files as hard links; exchanges
   and prints the microseconds of that; removes the old.

   `floor remove LIST TARGET` removes it.

   What nobody can do without who places a tree file by file, and nothing else: no archive is read,
   nothing is inflated, checked, recorded or synced. One thread a processor, names relative to an
   open folder.

   LIST holds records "KIND DEPTH MODE SIZE PATH\0", KIND one of d (folder), l (link), f (file to
   write), k (file to keep); outer folders before inner ones, folders before all else. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { Workers = 16, Batch = 64, BlockSize = 1 << 20 };

struct entry
{
    char kind;
    int depth;
    mode_t mode;
    long long size;
    const char *path;
};

static struct entry *entries;
static size_t entryCount, folderCount, lastDepth;
static int target = -1, draft = -1;
static char block[BlockSize];

static void fail(const char *what, const char *name)
{
    fprintf(stderr, "floor: %s %s: %s\n", what, name, strerror(errno));
    exit(1);
}

static void readList(const char *name)
{
    const int fd = open(name, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0)
        fail("open", name);
    char *text = malloc((size_t)status.st_size + 1);
    if (!text || read(fd, text, (size_t)status.st_size) != status.st_size)
        fail("read", name);
    close(fd);
    for (const char *at = text, *end = text + status.st_size; at < end; at += strlen(at) + 1)
        ++entryCount;
    entries = calloc(entryCount, sizeof *entries);
    struct entry *next = entries;
    for (char *at = text, *end = text + status.st_size; at < end; at += strlen(at) + 1, ++next) {
        char *field = at;
        next->kind = *field;
        next->depth = (int)strtol(field + 1, &field, 10);
        next->mode = (mode_t)strtol(field, &field, 8);
        next->size = strtoll(field, &field, 10);
        next->path = field + 1;
        if (next->kind == 'd') {
            ++folderCount;
            lastDepth = (size_t)next->depth;
        }
    }
}

// --- work in parallel
// ------------------------------------------------------------------------------

struct work
{
    void (*each)(const struct entry *);
    size_t begin, end;
    atomic_size_t next;
};

static void *perform(void *given)
{
    struct work *work = given;
    for (;;) {
        const size_t first = atomic_fetch_add(&work->next, Batch);
        for (size_t i = first; i < first + Batch; ++i) {
            if (i >= work->end)
                return NULL;
            work->each(&entries[i]);
        }
    }
}

static void forAll(size_t begin, size_t end, void (*each)(const struct entry *))
{
    struct work work = {each, begin, end, begin};
    pthread_t threads[Workers];
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    if (count > Workers)
        count = Workers;
    for (long i = 1; i < count; ++i)
        pthread_create(&threads[i], NULL, perform, &work);
    perform(&work);
    for (long i = 1; i < count; ++i)
        pthread_join(threads[i], NULL);
}

static size_t levelBegin(size_t depth)
{
    size_t at = 0;
    while (at < folderCount && (size_t)entries[at].depth < depth)
        ++at;
    return at;
}

// --- what is done to each entry
// --------------------------------------------------------------------

static int stage; // where things are made

static void makeFolder(const struct entry *entry)
{
    if (mkdirat(stage, entry->path, entry->mode) != 0)
        fail("mkdir", entry->path);
}

static void writeFile(const struct entry *entry)
{
    const int fd = openat(stage, entry->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, entry->mode);
    if (fd < 0)
        fail("create", entry->path);
    for (long long left = entry->size; left > 0;) {
        const ssize_t done = write(fd, block, left < BlockSize ? (size_t)left : BlockSize);
        if (done < 0)
            fail("write", entry->path);
        left -= done;
    }
    close(fd);
}

static void make(const struct entry *entry)
{
    struct stat status;
    if (entry->kind == 'l') {
        if (symlinkat("x", stage, entry->path) != 0)
            fail("symlink", entry->path);
    } else if (entry->kind == 'f' || stage == target) {
        writeFile(entry);
    } else if (fstatat(target, entry->path, &status, AT_SYMLINK_NOFOLLOW) != 0
               || linkat(target, entry->path, stage, entry->path, 0) != 0) {
        fail("link", entry->path);
    }
}

static void removeFile(const struct entry *entry)
{
    if (unlinkat(stage, entry->path, 0) != 0)
        fail("unlink", entry->path);
}

static void removeFolder(const struct entry *entry)
{
    if (unlinkat(stage, entry->path, AT_REMOVEDIR) != 0)
        fail("rmdir", entry->path);
}

// --- the three jobs
// --------------------------------------------------------------------------------

static void makeTree(int where)
{
    stage = where;
    for (size_t depth = 0; depth <= lastDepth; ++depth)
        forAll(levelBegin(depth), levelBegin(depth + 1), makeFolder);
    forAll(folderCount, entryCount, make);
}

static void removeTree(int where)
{
    stage = where;
    forAll(folderCount, entryCount, removeFile);
    for (size_t depth = lastDepth + 1; depth-- > 0;)
        forAll(levelBegin(depth), levelBegin(depth + 1), removeFolder);
}

static void exchange(const char *one, const char *other)
{
    struct timespec before;
    struct timespec after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    if (renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE) != 0)
        fail("exchange", other);
    clock_gettime(CLOCK_MONOTONIC, &after);
    const long long nanoseconds =
        (after.tv_sec - before.tv_sec) * 1000000000LL + after.tv_nsec - before.tv_nsec;
    printf("{\"exchange\": %.3f}\n", (double)nanoseconds / 1000);
}

static int openFolder(const char *path, int isMade)
{
    if (isMade && mkdir(path, 0755) != 0)
        fail("mkdir", path);
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        fail("open", path);
    return fd;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fputs(
            "floor install LIST TARGET | floor update LIST TARGET DRAFT | floor remove LIST TARGET\n",
            stderr);
        return 2;
    }
    umask(0);
    memset(block, 'x', sizeof block);
    readList(argv[2]);
    if (strcmp(argv[1], "install") == 0) {
        target = openFolder(argv[3], 1);
        makeTree(target);
    } else if (strcmp(argv[1], "update") == 0 && argc == 5) {
        target = openFolder(argv[3], 0);
        draft = openFolder(argv[4], 1);
        makeTree(draft);
        exchange(argv[4], argv[3]);
        removeTree(target);
        if (rmdir(argv[4]) != 0)
            fail("rmdir", argv[4]);
    } else if (strcmp(argv[1], "remove") == 0) {
        target = openFolder(argv[3], 0);
        removeTree(target);
        if (rmdir(argv[3]) != 0)
            fail("rmdir", argv[3]);
    } else {
        return 2;
    }
    return 0;
}
