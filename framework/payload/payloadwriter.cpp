// SPDX-License-Identifier: MIT
#include "payload/payloadwriter.h"

#include "core/sha256.h"
#include "payload/packpipeline.h"
#include "payload/payloadarchive.h"

#include <QFileInfo>
#include <QSaveFile>

#include <isa-l/crc.h>

#include <algorithm>
#include <thread>
#include <vector>

using namespace Qt::StringLiterals;

namespace Entracte {

using namespace ZipFormat;

namespace {

/// The archive as it grows.
class Placement
{
public:
    Placement(const QString &fileName, const PackWork &work)
        : m_file(fileName)
        , m_work(work)
    {
    }

    Result<> open() { return m_file.open(QIODevice::WriteOnly) ? Result<>() : fileFailure(); }
    Result<> place(const PackTask &task, Packed packed);
    Result<qint64> finish();

private:
    Result<> placeBlock(const PackTask &task, const Packed &packed);
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
    const PackWork &m_work;
    qint64 m_position = 0;
    std::vector<ZipRecord> m_records;
    Sha256 m_hash; ///< of the large file whose blocks are being placed
    FolderItem m_index;
};

Result<> Placement::place(const PackTask &task, Packed packed)
{
    if (task.isBlock)
        return placeBlock(task, packed);
    for (ZipRecord &record : packed.records) {
        record.offset += m_position;
        m_records.push_back(std::move(record));
    }
    return write(packed.bytes);
}

Result<> Placement::placeBlock(const PackTask &task, const Packed &packed)
{
    const FolderItem &item = m_work.items[task.item];
    if (task.isFirst()) {
        ZipRecord record;
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
    ZipRecord &record = m_records.back();
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
    for (const ZipRecord &record : m_records) {
        if (record.item->kind == EntryKind::File)
            lines += record.sha256.toHex() + "  " + record.item->path + '\n';
    }
    m_index.path = PayloadArchive::indexName;
    ZipRecord record;
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
    for (const ZipRecord &record : m_records)
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
    std::vector<FolderItem> items;
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
    Result<std::vector<FolderItem>> items = FolderItem::allBelow(writer.d->root);
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

    PackWork work{d->root, d->items, zipStampFor(options.time), options.level, {}, {}};
    work.plan();
    Summary summary;
    summary.entries = qint64(d->items.size());
    qint64 total = 0;
    for (const PackTask &task : work.tasks)
        total += task.size;
    context.expect(total);

    Placement placement(archive, work);
    if (const Result<> opened = placement.open(); !opened)
        return opened.error();
    const int cores = std::max(int(std::thread::hardware_concurrency()), 1);
    PackPipeline pipeline(work, options.threads > 0 ? options.threads : cores);
    for (const PackTask &task : work.tasks) {
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