// SPDX-License-Identifier: MIT
/* `floor install LIST TARGET` makes the folders, links and files of LIST and writes as many bytes.

   `floor unpack LIST TARGET ARCHIVE` does the same with the bytes of ARCHIVE: QuaZip reads its
   directory, ISA-L inflates. `floor digest LIST TARGET ARCHIVE` computes a SHA-256 of each file
   too, with libgcrypt.

   `floor update LIST TARGET DRAFT ARCHIVE` makes LIST beside TARGET, kept files as hard links;
   exchanges and prints the microseconds of that; removes the old. QuaZip reads the directory of
   ARCHIVE; a record as long as LIST is written. Each old folder is opened once: watched, as what
   others change in it meanwhile must not be lost, looked into, for what is not in LIST, each kept
   file asked for its time, and linked.

   `floor remove LIST TARGET` removes it.

   What nobody can do without who places a tree file by file, and nothing else: nothing is judged,
   checked or synced. One thread a processor. To update and to remove, folders are opened below the
   tree, never through a link, to remove never across a mount; names are relative to them.

   LIST holds records "KIND DEPTH MODE SIZE PATH\0", KIND one of d (folder), l (link), f (file to
   write), k (file to keep); outer folders before inner ones, folders before all else; what is no
   folder in the order of the archive for `unpack`, else in the order of the folders around, those
   around which there is none first. The SIZE of a folder is how many of these lie in it. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <gcrypt.h>
#include <isa-l/igzip_lib.h>
#include <quazip/unzip.h>

enum { Workers = 16, MostInBatch = 64, BlockSize = 1 << 20, PieceSize = 256 * 1024 };

struct entry
{
    char kind;
    int depth;
    mode_t mode;
    long long size;
    const char *path;
    size_t first;     // folder: of those that lie in it
    long long offset; // unpack: of its local header
    long long packed; // unpack: bytes behind that; negative if they are stored
};

static struct entry *entries;
static struct entry outermost = {.kind = 'd', .path = "."};
static size_t entryCount, folderCount, lastDepth, batch;
static int target = -1, draft = -1, archive = -1, isDigested;
static size_t listSize;
static char block[BlockSize];
static const char recordName[] = ".record";

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
    listSize = (size_t)status.st_size;
    char *text = malloc(listSize + 1);
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
    size_t first = entryCount;
    for (struct entry *folder = entries + folderCount; folder-- > entries;)
        folder->first = first -= (size_t)folder->size;
    outermost.first = folderCount;
    outermost.size = (long long)(first - folderCount);
    batch = entryCount < 1000 ? 1 : MostInBatch; // few are large, and shared out one by one
}

// --- the archive
// --------------------------------------------------------------------------------------

static char window[64 * 1024];
static long long archiveSize, windowStart, windowSize, position;

static uLong readBytes(voidpf opaque, voidpf stream, void *to, uLong size)
{
    (void)opaque, (void)stream;
    for (uLong done = 0; done < size;) {
        if (position < windowStart || position >= windowStart + windowSize) {
            windowStart = position;
            windowSize = pread(archive, window, sizeof window, position);
            if (windowSize <= 0)
                return done;
        }
        long long part = windowStart + windowSize - position;
        if (part > (long long)(size - done))
            part = (long long)(size - done);
        memcpy((char *)to + done, window + (position - windowStart), (size_t)part);
        position += part;
        done += (uLong)part;
    }
    return size;
}

static int seek(voidpf opaque, voidpf stream, ZPOS64_T offset, int origin)
{
    (void)opaque, (void)stream;
    position = (long long)offset
             + (origin == ZLIB_FILEFUNC_SEEK_CUR   ? position
                : origin == ZLIB_FILEFUNC_SEEK_END ? archiveSize
                                                   : 0);
    return 0;
}

static voidpf openStream(voidpf opaque, voidpf stream, int mode)
{
    (void)opaque, (void)mode;
    return stream;
}

static ZPOS64_T tell(voidpf opaque, voidpf stream)
{
    (void)opaque, (void)stream;
    return (ZPOS64_T)position;
}

static int done(voidpf opaque, voidpf stream)
{
    (void)opaque, (void)stream;
    return 0;
}

/// Tells every entry where its bytes are, if the archive is the one that LIST was made for.
static void readArchive(const char *name, int isListed)
{
    struct stat status;
    archive = open(name, O_RDONLY | O_CLOEXEC);
    if (archive < 0 || fstat(archive, &status) != 0)
        fail("open", name);
    archiveSize = status.st_size;
    zlib_filefunc64_def functions = {.zopen64_file = openStream,
                                     .zread_file = readBytes,
                                     .ztell64_file = tell,
                                     .zseek64_file = seek,
                                     .zclose_file = done,
                                     .zfakeclose_file = done,
                                     .zerror_file = done};
    const unzFile zip = unzOpen2_64(&archive, &functions);
    struct entry *next = entries + folderCount;
    int reply = zip ? unzGoToFirstFile(zip) : UNZ_BADZIPFILE;
    for (; reply == UNZ_OK; reply = unzGoToNextFile(zip)) {
        static char path[1 << 16];
        unz_file_info64 info;
        if (unzGetCurrentFileInfo64(zip, &info, path, sizeof path, NULL, 0, NULL, 0) != UNZ_OK)
            fail("read", name);
        if (path[info.size_filename - 1] == '/' || !isListed)
            continue;
        unsigned char offset[4];
        const long long there = position;
        position = (long long)unzGetOffset64(zip) + 42;
        readBytes(NULL, NULL, offset, sizeof offset);
        position = there;
        if (next == entries + entryCount || strcmp(next->path, path) != 0)
            fail("find in the list", path);
        next->offset = offset[0] | offset[1] << 8 | offset[2] << 16 | (long long)offset[3] << 24;
        next->packed = (long long)info.compressed_size * (info.compression_method ? 1 : -1);
        ++next;
    }
    unzClose(zip);
    if (reply != UNZ_END_OF_LIST_OF_FILE || (isListed && next != entries + entryCount))
        fail("read", name);
}

/// What a thread has of the archive, and what it needs to unpack.
static _Thread_local struct
{
    unsigned char *bytes;
    unsigned char *plain;
    long long start, size;
    struct inflate_state inflater;
    gcry_md_hd_t digest;
} mine;

/// At least the first of \a size bytes that stand at \a offset; how many are there.
static unsigned char *bytesAt(long long offset, long long size, long long *there)
{
    if (!mine.bytes) {
        mine.bytes = malloc(PieceSize);
        mine.plain = malloc(PieceSize);
        isal_inflate_init(&mine.inflater);
        if (isDigested && gcry_md_open(&mine.digest, GCRY_MD_SHA256, 0) != 0)
            fail("open", "a digest");
    }
    const long long wanted = size < PieceSize ? size : PieceSize;
    if (offset < mine.start || offset + wanted > mine.start + mine.size) {
        mine.start = offset;
        mine.size = pread(archive, mine.bytes, PieceSize, offset);
        if (mine.size < wanted)
            fail("read", "the archive");
    }
    *there = mine.start + mine.size - offset;
    if (*there > size)
        *there = size;
    return mine.bytes + (offset - mine.start);
}

static void writeAll(int fd, const unsigned char *bytes, size_t size, const char *name)
{
    if (isDigested)
        gcry_md_write(mine.digest, bytes, size);
    if (size > 0 && write(fd, bytes, size) != (ssize_t)size)
        fail("write", name);
}

static long long dataOf(const struct entry *entry)
{
    long long there;
    const unsigned char *header = bytesAt(entry->offset, 30, &there);
    return entry->offset + 30 + (header[26] | header[27] << 8) + (header[28] | header[29] << 8);
}

/// zip stores links; overwritten by the next call.
static const char *linkTarget(const struct entry *entry)
{
    long long there;
    if (entry->packed >= 0 || -entry->packed >= PieceSize)
        fail("read the link", entry->path);
    memcpy(mine.plain, bytesAt(dataOf(entry), -entry->packed, &there), (size_t)-entry->packed);
    mine.plain[-entry->packed] = 0;
    return (const char *)mine.plain;
}

static void unpack(const struct entry *entry, int fd)
{
    long long there;
    long long at = dataOf(entry);
    long long left = entry->packed < 0 ? -entry->packed : entry->packed;
    isal_inflate_reset(&mine.inflater);
    if (isDigested)
        gcry_md_reset(mine.digest);
    while (left > 0) {
        unsigned char *bytes = bytesAt(at, left, &there);
        at += there;
        left -= there;
        if (entry->packed < 0) {
            writeAll(fd, bytes, (size_t)there, entry->path);
            continue;
        }
        mine.inflater.next_in = bytes;
        mine.inflater.avail_in = (uint32_t)there;
        do {
            mine.inflater.next_out = mine.plain;
            mine.inflater.avail_out = PieceSize;
            const int reply = left == 0 && there == entry->packed && entry->size <= PieceSize
                                ? isal_inflate_stateless(&mine.inflater)
                                : isal_inflate(&mine.inflater);
            if (reply != ISAL_DECOMP_OK)
                fail("inflate", entry->path);
            writeAll(fd, mine.plain, PieceSize - mine.inflater.avail_out, entry->path);
        } while (mine.inflater.avail_out == 0);
    }
    if (isDigested && !gcry_md_read(mine.digest, GCRY_MD_SHA256))
        fail("digest", entry->path);
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
        const size_t first = atomic_fetch_add(&work->next, batch);
        for (size_t i = first; i < first + batch; ++i) {
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
static int notify;

static const char *nameOf(const struct entry *entry)
{
    const char *slash = strrchr(entry->path, '/');
    return slash ? slash + 1 : entry->path;
}

static void makeFolder(const struct entry *entry)
{
    if (mkdirat(stage, entry->path, entry->mode) != 0)
        fail("mkdir", entry->path);
}

static void writeFile(const struct entry *entry, int folder, const char *name)
{
    const int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, entry->mode);
    if (fd < 0)
        fail("create", entry->path);
    if (archive >= 0) {
        unpack(entry, fd);
        close(fd);
        return;
    }
    for (long long left = entry->size; left > 0;) {
        const ssize_t written = write(fd, block, left < BlockSize ? (size_t)left : BlockSize);
        if (written < 0)
            fail("write", entry->path);
        left -= written;
    }
    close(fd);
}

static void make(const struct entry *entry, int folder, const char *name)
{
    if (entry->kind != 'l')
        writeFile(entry, folder, name);
    else if (symlinkat(archive < 0 ? "x" : linkTarget(entry), folder, name) != 0)
        fail("symlink", entry->path);
}

static void makeInTree(const struct entry *entry)
{
    make(entry, stage, entry->path);
}

static int openIn(int tree, const struct entry *folder, unsigned long long alsoResolved)
{
    struct open_how how = {.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | alsoResolved};
    const int fd = (int)syscall(SYS_openat2, tree, folder->path, &how, sizeof how);
    if (fd < 0)
        fail("open", folder->path);
    return fd;
}

/// From now on what others do in it is told.
static void watch(int folder)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", folder);
    if (inotify_add_watch(notify, path, IN_CREATE | IN_MOVE | IN_DELETE | IN_MODIFY) < 0)
        fail("watch", path);
}

/// Whatever is in it beside the entries belongs to somebody else and has to be seen.
static void lookInto(int folder)
{
    char names[4096];
    ssize_t size = 1;
    while (size > 0)
        size = getdents64(folder, names, sizeof names);
    if (size < 0)
        fail("look into", "a folder");
}

static void renewFolder(const struct entry *folder)
{
    struct stat status;
    const int old = openIn(target, folder, 0);
    const int made = openIn(stage, folder, 0);
    watch(old);
    lookInto(old);
    for (const struct entry *entry = entries + folder->first, *end = entry + folder->size;
         entry < end; ++entry) {
        const char *name = nameOf(entry);
        if (entry->kind != 'k')
            make(entry, made, name);
        else if (fstatat(old, name, &status, AT_SYMLINK_NOFOLLOW) != 0
                 || linkat(old, name, made, name, 0) != 0)
            fail("link", entry->path);
    }
    close(old);
    close(made);
}

static void writeRecord(void)
{
    const int fd = openat(draft, recordName, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    for (size_t left = listSize, part; left > 0; left -= part) {
        part = left < BlockSize ? left : BlockSize;
        if (write(fd, block, part) != (ssize_t)part)
            fail("write", recordName);
    }
    close(fd);
}

static void emptyFolder(const struct entry *folder)
{
    const int fd = openIn(stage, folder, RESOLVE_NO_XDEV);
    for (const struct entry *entry = entries + folder->first, *end = entry + folder->size;
         entry < end; ++entry) {
        if (unlinkat(fd, nameOf(entry), 0) != 0)
            fail("unlink", entry->path);
    }
    close(fd);
}

static void removeFolder(const struct entry *entry)
{
    if (unlinkat(stage, entry->path, AT_REMOVEDIR) != 0)
        fail("rmdir", entry->path);
}

// --- the three jobs
// --------------------------------------------------------------------------------

static void makeFolders(int where)
{
    stage = where;
    for (size_t depth = 0; depth <= lastDepth; ++depth)
        forAll(levelBegin(depth), levelBegin(depth + 1), makeFolder);
}

static void makeTree(int where)
{
    makeFolders(where);
    forAll(folderCount, entryCount, makeInTree);
}

static void renewTree(int where)
{
    makeFolders(where);
    notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    renewFolder(&outermost);
    forAll(0, folderCount, renewFolder);
}

static void removeTree(int where)
{
    stage = where;
    unlinkat(where, recordName, 0);
    emptyFolder(&outermost);
    forAll(0, folderCount, emptyFolder);
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
        fputs("floor install LIST TARGET | floor unpack|digest LIST TARGET ARCHIVE\n"
              "floor update LIST TARGET DRAFT ARCHIVE | floor remove LIST TARGET\n",
              stderr);
        return 2;
    }
    umask(0);
    isDigested = strcmp(argv[1], "digest") == 0;
    if (isDigested) {
        gcry_check_version(NULL);
        gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    }
    if (strcmp(argv[1], "unpack") != 0 && !isDigested)
        memset(block, 'x', sizeof block);
    readList(argv[2]);
    if (strcmp(argv[1], "install") == 0) {
        target = openFolder(argv[3], 1);
        makeTree(target);
    } else if ((strcmp(argv[1], "unpack") == 0 || isDigested) && argc == 5) {
        readArchive(argv[4], 1);
        target = openFolder(argv[3], 1);
        makeTree(target);
    } else if (strcmp(argv[1], "update") == 0 && argc == 6) {
        target = openFolder(argv[3], 0);
        draft = openFolder(argv[4], 1);
        readArchive(argv[5], 0);
        close(archive);
        archive = -1; // of which nothing more is needed
        renewTree(draft);
        writeRecord();
        exchange(argv[4], argv[3]);
        close(notify);
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
