// SPDX-License-Identifier: MIT
#include "payload/packer.h"

#include <isa-l/crc.h>

#include <algorithm>

namespace Entracte {

using namespace ZipFormat;

static constexpr qint64 blockSize =
    2 * 1024 * 1024;                              // a larger file is cut into blocks of this size
static constexpr qint64 bundleSize = 1024 * 1024; // small files are handed over together
static constexpr qint64 bundleCount = 256;

static constexpr qsizetype sampleSize = 32 * 1024;
static constexpr qint64 sampledFrom = 256 * 1024; // smaller files are simply tried
static constexpr int sampleLevel = 1;

void PackWork::plan()
{
    trials.resize(items.size());
    PackTask bundle{0, 0};
    const auto flush = [this, &bundle] {
        if (bundle.count > 0)
            tasks.push_back(std::exchange(bundle, {0, 0}));
    };
    for (size_t i = 0; i < items.size(); ++i) {
        const qint64 size = items[i].size();
        if (size > blockSize) {
            flush();
            trials[i] = std::make_unique<DeflateTrial>();
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

Packer::Packer(PackWork &work)
    : m_work(work)
    , m_deflater(work.level)
    , m_sampler(sampleLevel)
{
}

Result<Packed> Packer::pack(const PackTask &task)
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

bool Packer::pays(QByteArrayView sample)
{
    return !m_sampler.deflate(sample, sample.size() - sample.size() / 64).isEmpty();
}

Result<> Packer::appendEntry(Packed &packed, const FolderItem &item)
{
    ZipRecord record;
    record.item = &item;
    record.offset = packed.bytes.size();
    QByteArrayView data = item.linkTarget;
    QByteArray deflated;
    if (item.kind == EntryKind::File) {
        m_plain.resize(item.found.st_size);
        if (const Result<> read =
                FolderFile(m_work.absolute(item), item).read(0, m_plain.data(), m_plain.size());
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

Result<> Packer::tryOut(const FolderItem &item, DeflateTrial &trial)
{
    const FolderFile source(m_work.absolute(item), item);
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

Result<Packed> Packer::packBlock(const PackTask &task)
{
    const FolderItem &item = m_work.items[task.item];
    DeflateTrial &trial = *m_work.trials[task.item];
    std::call_once(trial.once, [&] { trial.read = tryOut(item, trial); });
    if (!trial.read)
        return trial.read.error();

    Packed packed;
    packed.plain.resize(task.size);
    if (const Result<> read = FolderFile(m_work.absolute(item), item)
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

} // namespace Entracte
