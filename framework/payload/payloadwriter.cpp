// SPDX-License-Identifier: MIT
#include "payload/payloadwriter.h"

#include "core/sha256.h"
#include "payload/deflater.h"
#include "payload/entrypath.h"
#include "payload/payloadarchive.h"
#include "payload/zipformat.h"

#include <QDateTime>
#include <QFileInfo>
#include <QSaveFile>

#include <isa-l/crc.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte {

using namespace ZipFormat;

namespace {

constexpr qint64 blockSize = 2 * 1024 * 1024; // a larger file is cut into blocks of this size
constexpr qint64 bundleSize = 1024 * 1024;    // small files are handed over together
constexpr qint64 bundleCount = 256;
constexpr int tasksPerThread = 4; // that may wait for their turn to be placed
constexpr qint64 mostEntries = 1'000'000;
constexpr qint64 zip64Reserve = 0xf0000000; // from here on the packed size might need ZIP64
constexpr quint16 versionMadeBy = hostUnix << 8 | 45;
constexpr quint16 versionPlain = 20;
constexpr quint16 versionZip64 = 45;

constexpr qsizetype sampleSize = 32 * 1024;
constexpr qint64 sampledFrom = 256 * 1024; // smaller files are simply tried
constexpr int sampleLevel = 1;

constexpr int setIdMask = 0006000;

/// One entry to be, as it was found.
struct Item
{
    QByteArray path;
    EntryKind kind = EntryKind::File;
    int mode = 0644;
    QByteArray linkTarget;
    struct stat found = {};
};

Error failure(const QByteArray &path, const QString &reason, int errorNumber = 0)
{
    return Error::fromErrno(
        errorNumber, PayloadWriter::tr("Could not pack “%1”: %2.", "error message; %2: reason")
                         .arg(QFile::decodeName(path), reason));
}

Error systemFailure(const QByteArray &path, int errorNumber)
{
    return failure(path, systemReply(errorNumber), errorNumber);
}

Error changed(const QByteArray &path)
{
    return failure(
        path, PayloadWriter::tr("it changed while it was being packed", "error message, reason"));
}

bool isSame(const struct stat &left, const struct stat &right)
{
    const auto isSameTime = [](const timespec &one, const timespec &other) {
        return one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec;
    };
    return left.st_dev == right.st_dev && left.st_ino == right.st_ino
        && left.st_size == right.st_size && isSameTime(left.st_mtim, right.st_mtim)
        && isSameTime(left.st_ctim, right.st_ctim);
}

// --- looking ------------------------------------------------------------------------------------

/// Collects the items below a folder.
class Search
{
public:
    explicit Search(const QByteArray &root)
        : m_root(root)
    {
    }

    Result<std::vector<Item>> run()
    {
        if (const Result<> looked = look({}); !looked)
            return looked.error();
        std::sort(m_items.begin(), m_items.end(),
                  [](const Item &left, const Item &right) { return left.path < right.path; });
        return std::move(m_items);
    }

private:
    Result<> look(const QByteArray &directory);
    Result<> add(const QByteArray &path);

    const QByteArray m_root;
    std::vector<Item> m_items;
};

Result<> Search::look(const QByteArray &directory)
{
    const QByteArray absolute = directory.isEmpty() ? m_root : m_root + '/' + directory;
    const std::unique_ptr<DIR, int (*)(DIR *)> open(opendir(absolute.constData()), closedir);
    if (!open)
        return systemFailure(absolute, errno);
    QList<QByteArray> names;
    errno = 0;
    while (const dirent *found = readdir(open.get())) {
        const QByteArray name(found->d_name);
        if (name != "." && name != "..")
            names.append(name);
        errno = 0;
    }
    if (errno != 0)
        return systemFailure(absolute, errno);
    for (const QByteArray &name : std::as_const(names)) {
        if (const Result<> added = add(directory.isEmpty() ? name : directory + '/' + name); !added)
            return added.error();
    }
    return {};
}

Result<> Search::add(const QByteArray &path)
{
    const QByteArray absolute = m_root + '/' + path;
    if (const Result<QString> judged = EntryPath::fromEntryName(QString::fromUtf8(path)); !judged)
        return judged.error();
    if (qint64(m_items.size()) == mostEntries)
        return failure(absolute,
                       PayloadWriter::tr("there is too much before it", "error message, reason"));
    Item item;
    item.path = path;
    if (lstat(absolute.constData(), &item.found) != 0)
        return systemFailure(absolute, errno);
    const int mode = int(item.found.st_mode);
    if (S_ISLNK(mode)) {
        item.kind = EntryKind::SymbolicLink;
        item.mode = 0777;
        item.linkTarget.resize(PATH_MAX);
        const ssize_t length =
            readlink(absolute.constData(), item.linkTarget.data(), size_t(item.linkTarget.size()));
        if (length < 0)
            return systemFailure(absolute, errno);
        item.linkTarget.truncate(length);
        if (const Result<> safe = EntryPath::checkLinkTarget(QString::fromUtf8(path),
                                                             QString::fromUtf8(item.linkTarget));
            !safe)
            return safe.error();
        m_items.push_back(item);
        return {};
    }
    if (!S_ISDIR(mode) && !S_ISREG(mode))
        return failure(absolute,
                       PayloadWriter::tr("it is neither a file, a folder nor a symbolic link",
                                         "error message, reason"));
    if (S_ISREG(mode) && (mode & setIdMask))
        return failure(absolute, PayloadWriter::tr("it wants to run as another user (set-id)",
                                                   "error message, reason"));
    item.kind = S_ISDIR(mode) ? EntryKind::Directory : EntryKind::File;
    item.mode = S_ISDIR(mode) || (mode & S_IXUSR) ? 0755 : 0644;
    m_items.push_back(item);
    return S_ISDIR(mode) ? look(path) : Result<>();
}

// --- packing, in the workers --------------------------------------------------------------------

/// What the archive's directory will say of an entry.
struct Record
{
    const Item *item = nullptr;
    qint64 offset = 0;
    quint16 method = methodStored;
    quint32 crc = 0;
    qint64 plainSize = 0;
    qint64 packedSize = 0;
    QByteArray sha256; ///< files only
};

/// What one worker does at a time: some whole entries, or a block of a large one.
struct Task
{
    size_t item = 0;
    size_t count = 1;
    qint64 begin = 0;
    qint64 size = 0;
    bool isBlock = false;

    bool isFirst() const { return begin == 0; }
};

/// What comes of a task.
struct Packed
{
    QByteArray bytes;            ///< headers and data; of a block the data only
    std::vector<Record> records; ///< offsets within bytes
    QByteArray plain;            ///< of a block
    quint16 method = methodStored;
};

template <typename Number>
void append(QByteArray &to, Number number)
{
    std::array<char, sizeof(Number)> bytes;
    qToLittleEndian<Number>(number, bytes.data());
    to.append(bytes.data(), bytes.size());
}

struct Stamp
{
    quint16 time = 0;
    quint16 date = 0;
};

Stamp stampFor(qint64 seconds)
{
    const QDateTime latest(QDate(2107, 12, 31), QTime(23, 59, 58), Qt::UTC);
    const QDateTime when = QDateTime::fromSecsSinceEpoch(
        std::clamp(seconds, PayloadWriter::earliestTime, latest.toSecsSinceEpoch()), Qt::UTC);
    const QDate date = when.date();
    const QTime time = when.time();
    return {quint16(time.hour() << 11 | time.minute() << 5 | time.second() / 2),
            quint16((date.year() - 1980) << 9 | date.month() << 5 | date.day())};
}

QByteArray entryName(const Item &item)
{
    return item.kind == EntryKind::Directory ? item.path + '/' : item.path;
}

bool needsZip64(const Record &record)
{
    return record.plainSize >= zip64Reserve;
}

void appendLocalHeader(QByteArray &to, const Record &record, const Stamp &stamp)
{
    const QByteArray name = entryName(*record.item);
    const bool isLarge = needsZip64(record);
    append(to, localSignature);
    append(to, isLarge ? versionZip64 : versionPlain);
    append(to, flagUtf8);
    append(to, record.method);
    append(to, stamp.time);
    append(to, stamp.date);
    append(to, record.crc);
    append(to, isLarge ? inZip64Extra : quint32(record.packedSize));
    append(to, isLarge ? inZip64Extra : quint32(record.plainSize));
    append(to, quint16(name.size()));
    append(to, quint16(isLarge ? 20 : 0));
    to.append(name);
    if (isLarge) {
        append(to, zip64Extra);
        append(to, quint16(16));
        append(to, quint64(record.plainSize));
        append(to, quint64(record.packedSize));
    }
}

void appendCentralHeader(QByteArray &to, const Record &record, const Stamp &stamp)
{
    const QByteArray name = entryName(*record.item);
    const bool isLarge = needsZip64(record);
    const bool isFar = record.offset >= inZip64Extra;
    const int type = record.item->kind == EntryKind::Directory    ? typeDirectory
                   : record.item->kind == EntryKind::SymbolicLink ? typeLink
                                                                  : typeFile;
    append(to, centralSignature);
    append(to, versionMadeBy);
    append(to, isLarge || isFar ? versionZip64 : versionPlain);
    append(to, flagUtf8);
    append(to, record.method);
    append(to, stamp.time);
    append(to, stamp.date);
    append(to, record.crc);
    append(to, isLarge ? inZip64Extra : quint32(record.packedSize));
    append(to, isLarge ? inZip64Extra : quint32(record.plainSize));
    append(to, quint16(name.size()));
    append(to, quint16(isLarge || isFar ? 4 + 16 * isLarge + 8 * isFar : 0));
    append(to, quint16(0)); // comment
    append(to, quint16(0)); // disk
    append(to, quint16(0)); // internal attributes
    append(to, quint32(type | record.item->mode) << 16
                   | (record.item->kind == EntryKind::Directory ? dosDirectory : 0));
    append(to, isFar ? inZip64Extra : quint32(record.offset));
    to.append(name);
    if (isLarge || isFar) {
        append(to, zip64Extra);
        append(to, quint16(16 * isLarge + 8 * isFar));
    }
    if (isLarge) {
        append(to, quint64(record.plainSize));
        append(to, quint64(record.packedSize));
    }
    if (isFar)
        append(to, quint64(record.offset));
}

void appendEnd(QByteArray &to, quint64 count, quint64 offset, quint64 size)
{
    if (count >= inZip64End || offset >= inZip64Extra || size >= inZip64Extra) {
        append(to, zip64EndSignature);
        append(to, quint64(zip64EndSize - 12));
        append(to, versionMadeBy);
        append(to, versionZip64);
        append(to, quint32(0)); // this disk
        append(to, quint32(0)); // the directory's
        append(to, count);
        append(to, count);
        append(to, size);
        append(to, offset);
        append(to, zip64LocatorSignature);
        append(to, quint32(0));
        append(to, offset + size);
        append(to, quint32(1)); // disks
    }
    append(to, endSignature);
    append(to, quint16(0));
    append(to, quint16(0));
    append(to, quint16(std::min<quint64>(count, inZip64End)));
    append(to, quint16(std::min<quint64>(count, inZip64End)));
    append(to, quint32(std::min<quint64>(size, inZip64Extra)));
    append(to, quint32(std::min<quint64>(offset, inZip64Extra)));
    append(to, quint16(0)); // comment
}

/// A file of the folder, held to what was found there.
class Source
{
public:
    Source(const QByteArray &absolute, const Item &item)
        : m_path(absolute)
        , m_item(item)
        , m_fd(::open(absolute.constData(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK))
        , m_openError(m_fd < 0 ? errno : 0)
    {
    }
    Source(const Source &) = delete;
    Source &operator=(const Source &) = delete;
    ~Source()
    {
        if (m_fd >= 0)
            close(m_fd);
    }

    /// Fills \a to from \a begin on and makes sure that nobody has touched the file.
    Result<> read(qint64 begin, char *to, qint64 size) const
    {
        if (m_openError == ENOENT)
            return failure(m_path, PayloadWriter::tr("it vanished while it was being packed",
                                                     "error message, reason"));
        if (m_openError != 0)
            return m_openError == ELOOP ? changed(m_path) : systemFailure(m_path, m_openError);
        for (qint64 done = 0; done < size;) {
            const ssize_t got = pread(m_fd, to + done, size_t(size - done), begin + done);
            if (got < 0 && errno == EINTR)
                continue;
            if (got < 0)
                return systemFailure(m_path, errno);
            if (got == 0)
                return changed(m_path);
            done += got;
        }
        struct stat now = {};
        if (fstat(m_fd, &now) != 0)
            return systemFailure(m_path, errno);
        return isSame(now, m_item.found) ? Result<>() : changed(m_path);
    }

private:
    const QByteArray m_path;
    const Item &m_item;
    const int m_fd;
    const int m_openError;
};

/// Whether deflating the large files pays, found out once for all their blocks.
struct Trial
{
    std::once_flag once;
    Result<> read;
    bool pays = false;
};

/// What workers share and only read, apart from the trials.
struct Work
{
    QByteArray root;
    const std::vector<Item> &items;
    Stamp stamp;
    int level = 6;
    std::vector<Task> tasks;
    std::vector<std::unique_ptr<Trial>> trials; ///< by item; of large files only

    QByteArray absolute(const Item &item) const { return root + '/' + item.path; }
    void plan();
};

void Work::plan()
{
    trials.resize(items.size());
    Task bundle{0, 0};
    const auto flush = [this, &bundle] {
        if (bundle.count > 0)
            tasks.push_back(std::exchange(bundle, {0, 0}));
    };
    for (size_t i = 0; i < items.size(); ++i) {
        const qint64 size = items[i].kind == EntryKind::File ? items[i].found.st_size : 0;
        if (size > blockSize) {
            flush();
            trials[i] = std::make_unique<Trial>();
            for (qint64 begin = 0; begin < size; begin += blockSize)
                tasks.push_back({i, 1, begin, std::min(blockSize, size - begin), true});
            continue;
        }
        if (bundle.size + size > bundleSize || qint64(bundle.count) == bundleCount)
            flush();
        if (bundle.count++ == 0)
            bundle.item = i;
        bundle.size += size;
    }
    flush();
}

/// Packs one task after the other, in a thread of its own.
class Packer
{
public:
    explicit Packer(Work &work)
        : m_work(work)
        , m_deflater(work.level)
        , m_sampler(sampleLevel)
    {
    }

    Result<Packed> pack(const Task &task)
    {
        if (task.isBlock)
            return packBlock(task);
        Packed packed;
        for (size_t i = task.item; i < task.item + task.count; ++i) {
            if (const Result<> appended = appendEntry(packed, m_work.items[i]); !appended)
                return appended.error();
        }
        return packed;
    }

private:
    Result<> appendEntry(Packed &packed, const Item &item);
    Result<Packed> packBlock(const Task &task);
    Result<> tryOut(const Item &item, Trial &trial);
    bool pays(QByteArrayView sample)
    {
        return !m_sampler.deflate(sample, sample.size() - sample.size() / 64).isEmpty();
    }

    Work &m_work;
    Deflater m_deflater;
    Deflater m_sampler;
    Sha256 m_hash;
    QByteArray m_plain;
};

Result<> Packer::appendEntry(Packed &packed, const Item &item)
{
    Record record;
    record.item = &item;
    record.offset = packed.bytes.size();
    QByteArrayView data = item.linkTarget;
    QByteArray deflated;
    if (item.kind == EntryKind::File) {
        m_plain.resize(item.found.st_size);
        if (const Result<> read =
                Source(m_work.absolute(item), item).read(0, m_plain.data(), m_plain.size());
            !read)
            return read.error();
        data = m_plain;
        m_hash.add(data);
        record.sha256 = m_hash.result();

        const auto sample = [&data](qsizetype begin) { return data.sliced(begin, sampleSize); };
        if (data.size() < sampledFrom || pays(sample(0)) || pays(sample(data.size() / 2))
            || pays(sample(data.size() - sampleSize)))
            deflated = m_deflater.deflate(data, std::max<qsizetype>(data.size() - 1, 0));
    }
    record.crc =
        crc32_gzip_refl(0, reinterpret_cast<const uchar *>(data.data()), quint64(data.size()));
    record.plainSize = data.size();
    if (!deflated.isEmpty()) {
        record.method = methodDeflated;
        data = deflated;
    }
    record.packedSize = data.size();
    appendLocalHeader(packed.bytes, record, m_work.stamp);
    packed.bytes.append(data);
    packed.records.push_back(record);
    return {};
}

Result<> Packer::tryOut(const Item &item, Trial &trial)
{
    const Source source(m_work.absolute(item), item);
    const qint64 size = item.found.st_size;
    QByteArray sample(sampleSize, Qt::Uninitialized);
    // Large files are often sewn together: many places, spread over all of it.
    constexpr int places = 16;
    for (int i = 0; i < places && !trial.pays; ++i) {
        if (const Result<> read =
                source.read((size - sampleSize) / (places - 1) * i, sample.data(), sampleSize);
            !read)
            return read.error();
        trial.pays = pays(sample);
    }
    return {};
}

Result<Packed> Packer::packBlock(const Task &task)
{
    const Item &item = m_work.items[task.item];
    Trial &trial = *m_work.trials[task.item];
    std::call_once(trial.once, [&] { trial.read = tryOut(item, trial); });
    if (!trial.read)
        return trial.read.error();

    Packed packed;
    packed.plain.resize(task.size);
    if (const Result<> read = Source(m_work.absolute(item), item)
                                  .read(task.begin, packed.plain.data(), packed.plain.size());
        !read)
        return read.error();
    if (!trial.pays) {
        packed.bytes = packed.plain;
        return packed;
    }
    packed.method = methodDeflated;
    const bool isLast = task.begin + task.size == item.found.st_size;
    packed.bytes =
        isLast ? m_deflater.deflateLast(packed.plain) : m_deflater.deflateOpen(packed.plain);
    return packed;
}

/// Packs the tasks in threads and hands what comes of them over in their order. Only so many are
/// packed ahead: what waits to be placed is what memory is needed for.
class Pipeline
{
public:
    Pipeline(Work &work, int threads)
        : m_work(work)
        , m_slots(size_t(threads) * tasksPerThread)
    {
        for (int i = 0; i < threads; ++i)
            m_threads.emplace_back([this] { run(); });
    }
    ~Pipeline()
    {
        {
            const std::lock_guard lock(m_mutex);
            m_isOver = true;
        }
        m_room.notify_all();
        for (std::thread &thread : m_threads)
            thread.join();
    }

    /// The next task's result; waits for it.
    Result<Packed> next()
    {
        std::unique_lock lock(m_mutex);
        std::optional<Result<Packed>> &slot = m_slots[m_taken % m_slots.size()];
        m_ready.wait(lock, [&slot] { return slot.has_value(); });
        Result<Packed> packed = *std::exchange(slot, std::nullopt);
        ++m_taken;
        lock.unlock();
        m_room.notify_one();
        return packed;
    }

private:
    void run()
    {
        Packer packer(m_work);
        std::unique_lock lock(m_mutex);
        while (true) {
            m_room.wait(lock, [this] {
                return m_isOver || m_begun == m_work.tasks.size()
                    || m_begun < m_taken + m_slots.size();
            });
            if (m_isOver || m_begun == m_work.tasks.size())
                return;
            const size_t task = m_begun++;
            lock.unlock();
            Result<Packed> packed = packer.pack(m_work.tasks[task]);
            lock.lock();
            m_slots[task % m_slots.size()] = std::move(packed);
            if (task == m_taken)
                m_ready.notify_one();
        }
    }

    Work &m_work;
    std::mutex m_mutex;
    std::condition_variable m_room;
    std::condition_variable m_ready;
    std::vector<std::optional<Result<Packed>>> m_slots;
    size_t m_begun = 0;
    size_t m_taken = 0;
    bool m_isOver = false;
    std::vector<std::thread> m_threads;
};

// --- placing ------------------------------------------------------------------------------------

/// The archive as it grows.
class Placement
{
public:
    Placement(const QString &fileName, const Work &work)
        : m_file(fileName)
        , m_work(work)
    {
    }

    Result<> open() { return m_file.open(QIODevice::WriteOnly) ? Result<>() : fileFailure(); }
    Result<> place(const Task &task, Packed packed);
    Result<qint64> finish();

private:
    Result<> placeBlock(const Task &task, const Packed &packed);
    Result<> write(const QByteArray &bytes)
    {
        m_position += bytes.size();
        return m_file.write(bytes) == bytes.size() ? Result<>() : fileFailure();
    }
    Error fileFailure() const
    {
        const ErrorCode code = m_file.error() == QFileDevice::ResourceError ? ErrorCode::NoSpace
                             : m_file.error() == QFileDevice::PermissionsError
                                 ? ErrorCode::PermissionDenied
                                 : ErrorCode::Failed;
        return {code, PayloadWriter::tr("Could not write “%1”: %2.", "error message; %2: system")
                          .arg(m_file.fileName(), m_file.errorString())};
    }
    Result<> writeIndex();

    QSaveFile m_file;
    const Work &m_work;
    qint64 m_position = 0;
    std::vector<Record> m_records;
    Sha256 m_hash; ///< of the large file whose blocks are being placed
    Item m_index;
};

Result<> Placement::place(const Task &task, Packed packed)
{
    if (task.isBlock)
        return placeBlock(task, packed);
    for (Record &record : packed.records) {
        record.offset += m_position;
        m_records.push_back(std::move(record));
    }
    return write(packed.bytes);
}

Result<> Placement::placeBlock(const Task &task, const Packed &packed)
{
    const Item &item = m_work.items[task.item];
    if (task.isFirst()) {
        Record record;
        record.item = &item;
        record.offset = m_position;
        record.method = packed.method;
        record.plainSize = item.found.st_size;
        QByteArray header;
        appendLocalHeader(header, record, m_work.stamp);
        if (const Result<> written = write(header); !written)
            return written.error();
        m_records.push_back(record);
    }
    Record &record = m_records.back();
    record.crc =
        crc32_gzip_refl(record.crc, reinterpret_cast<const uchar *>(packed.plain.constData()),
                        quint64(packed.plain.size()));
    record.packedSize += packed.bytes.size();
    m_hash.add(packed.plain);
    if (const Result<> written = write(packed.bytes); !written)
        return written.error();
    if (task.begin + task.size < item.found.st_size)
        return {};

    // Only now is it known what the header should have said.
    record.sha256 = m_hash.result();
    QByteArray header;
    appendLocalHeader(header, record, m_work.stamp);
    const bool isCorrected = m_file.seek(record.offset) && m_file.write(header) == header.size()
                          && m_file.seek(m_position);
    return isCorrected ? Result<>() : fileFailure();
}

Result<> Placement::writeIndex()
{
    QByteArray lines;
    for (const Record &record : m_records) {
        if (record.item->kind == EntryKind::File)
            lines += record.sha256.toHex() + "  " + record.item->path + '\n';
    }
    m_index.path = PayloadArchive::indexName;
    Record record;
    record.item = &m_index;
    record.offset = m_position;
    record.plainSize = lines.size();
    record.crc = crc32_gzip_refl(0, reinterpret_cast<const uchar *>(lines.constData()),
                                 quint64(lines.size()));
    const QByteArray deflated =
        Deflater(m_work.level).deflate(lines, std::max<qsizetype>(lines.size() - 1, 0));
    record.method = deflated.isEmpty() ? methodStored : methodDeflated;
    const QByteArray &data = deflated.isEmpty() ? lines : deflated;
    record.packedSize = data.size();
    QByteArray header;
    appendLocalHeader(header, record, m_work.stamp);
    m_records.push_back(record);
    return write(header + data);
}

Result<qint64> Placement::finish()
{
    if (const Result<> written = writeIndex(); !written)
        return written.error();
    QByteArray directory;
    for (const Record &record : m_records)
        appendCentralHeader(directory, record, m_work.stamp);
    const qint64 size = directory.size();
    appendEnd(directory, m_records.size(), quint64(m_position), quint64(size));
    if (const Result<> written = write(directory); !written)
        return written.error();
    if (!m_file.commit())
        return fileFailure();
    return m_position;
}

} // namespace

struct PayloadWriter::Private
{
    QByteArray root;
    std::vector<Item> items;
};

PayloadWriter::PayloadWriter()
    : d(std::make_unique<Private>())
{
}

PayloadWriter::PayloadWriter(PayloadWriter &&) noexcept = default;
PayloadWriter::~PayloadWriter() = default;

Result<PayloadWriter> PayloadWriter::open(const QString &folder)
{
    PayloadWriter writer;
    writer.d->root = QFile::encodeName(folder);
    Result<std::vector<Item>> items = Search(writer.d->root).run();
    if (!items)
        return items.error();
    writer.d->items = *std::move(items);
    return writer;
}

Result<PayloadWriter::Summary> PayloadWriter::write(const QString &archive, const Options &options,
                                                    WorkerJob::Context &context) const
{
    const QString folder = QFileInfo(QFile::decodeName(d->root)).canonicalFilePath();
    if ((QFileInfo(QFileInfo(archive).absolutePath()).canonicalFilePath() + u'/')
            .startsWith(folder + u'/'))
        return Error{
            ErrorCode::Usage,
            tr("The archive “%1” must not lie in the folder that it is made of.", "error message")
                .arg(archive)};

    Work work{d->root, d->items, stampFor(options.time), options.level, {}, {}};
    work.plan();
    Summary summary;
    summary.entries = qint64(d->items.size());
    qint64 total = 0;
    for (const Task &task : work.tasks)
        total += task.size;
    context.expect(total);

    Placement placement(archive, work);
    if (const Result<> opened = placement.open(); !opened)
        return opened.error();
    const int cores = std::max(int(std::thread::hardware_concurrency()), 1);
    Pipeline pipeline(work, options.threads > 0 ? options.threads : cores);
    for (const Task &task : work.tasks) {
        if (context.isCancelled())
            return Error{ErrorCode::Cancelled, tr("The packing was cancelled.", "error message")};
        Result<Packed> packed = pipeline.next();
        if (!packed)
            return packed.error();
        if (const Result<> placed = placement.place(task, *std::move(packed)); !placed)
            return placed.error();
        summary.plainBytes += task.size;
        context.advance(task.size);
    }
    const Result<qint64> size = placement.finish();
    if (!size)
        return size.error();
    summary.archiveBytes = *size;
    return summary;
}

} // namespace Entracte
