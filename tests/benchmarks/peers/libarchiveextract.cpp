// SPDX-License-Identifier: MIT
// libarchiveextract [--qfile] ARCHIVE TARGET
//
// Extracts with libarchive the way Qt Installer Framework 4 does: the archive is read through a
// QFile in blocks of a megabyte, counted once and then walked entry by entry, events are processed
// after each. Entries are written by libarchive's own disk writer, by absolute path; with --qfile
// through a QFile, its permissions set afterwards.
#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTextStream>

#include <archive.h>
#include <archive_entry.h>

#include <memory>
#include <optional>

using namespace Qt::StringLiterals;

namespace {

constexpr qint64 blockSize = 1024 * 1024;

struct Source
{
    QFile file;
    QByteArray block;
};

la_ssize_t readBlock(archive *, void *data, const void **bytes)
{
    auto *source = static_cast<Source *>(data);
    source->block.clear();
    source->block.resize(blockSize);
    *bytes = source->block.constData();
    return source->file.read(source->block.data(), blockSize);
}

la_int64_t seekTo(archive *, void *data, la_int64_t offset, int whence)
{
    QFile &file = static_cast<Source *>(data)->file;
    const qint64 base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? file.pos() : file.size();
    return file.seek(base + offset) ? file.pos() : ARCHIVE_FATAL;
}

struct FreeReader
{
    void operator()(archive *reader) const { archive_read_free(reader); }
};

struct FreeWriter
{
    void operator()(archive *writer) const { archive_write_free(writer); }
};

using Reader = std::unique_ptr<archive, FreeReader>;
using Writer = std::unique_ptr<archive, FreeWriter>;

/// A reader at the first entry; null if the file is no archive.
Reader openReader(Source &source)
{
    source.file.seek(0);
    Reader reader(archive_read_new());
    archive_read_support_format_tar(reader.get());
    archive_read_support_format_zip(reader.get());
    archive_read_support_format_7zip(reader.get());
    archive_read_set_read_callback(reader.get(), readBlock);
    archive_read_set_seek_callback(reader.get(), seekTo);
    archive_read_set_callback_data(reader.get(), &source);
    return archive_read_open1(reader.get()) == ARCHIVE_OK ? std::move(reader) : nullptr;
}

Writer openWriter()
{
    Writer writer(archive_write_disk_new());
    archive_write_disk_set_options(writer.get(), ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_PERM
                                                     | ARCHIVE_EXTRACT_ACL
                                                     | ARCHIVE_EXTRACT_FFLAGS);
    archive_write_disk_set_standard_lookup(writer.get());
    return writer;
}

std::optional<int> countEntries(Source &source)
{
    const Reader reader = openReader(source);
    if (!reader)
        return {};
    int count = 0;
    archive_entry *entry = nullptr;
    while (archive_read_next_header(reader.get(), &entry) == ARCHIVE_OK)
        ++count;
    return count;
}

bool writeToDisk(archive *reader, archive *writer, archive_entry *entry)
{
    if (archive_write_header(writer, entry) != ARCHIVE_OK)
        return false;
    const void *bytes = nullptr;
    size_t size = 0;
    la_int64_t offset = 0;
    for (;;) {
        const int status = archive_read_data_block(reader, &bytes, &size, &offset);
        if (status == ARCHIVE_EOF)
            return true;
        if (status != ARCHIVE_OK
            || archive_write_data_block(writer, bytes, size, offset) != ARCHIVE_OK)
            return false;
    }
}

bool writeToFile(archive *reader, archive_entry *entry, const QString &path)
{
    if (archive_entry_filetype(entry) == AE_IFDIR)
        return QDir().mkpath(path);
    if (archive_entry_filetype(entry) == AE_IFLNK)
        return QFile::link(QString::fromLocal8Bit(archive_entry_symlink(entry)), path);

    QFile file(path);
    if (!QDir().mkpath(QFileInfo(path).path()) || !file.open(QIODevice::WriteOnly))
        return false;
    const void *bytes = nullptr;
    size_t size = 0;
    la_int64_t offset = 0;
    int status = ARCHIVE_OK;
    while ((status = archive_read_data_block(reader, &bytes, &size, &offset)) == ARCHIVE_OK) {
        if (!file.seek(offset)
            || file.write(static_cast<const char *>(bytes), qint64(size)) != qint64(size))
            return false;
    }
    file.close();
    const int mode = int(archive_entry_perm(entry));
    // 0644 becomes 0x6044: Qt keeps a hexadecimal digit for each, the owner's twice.
    const auto permissions = QFileDevice::Permissions((mode & 0700) << 6 | (mode & 0700) << 2
                                                      | (mode & 070) << 1 | (mode & 07));
    return status == ARCHIVE_EOF && file.setPermissions(permissions);
}

} // namespace

int main(int argc, char *argv[])
{
    QCoreApplication app(argc, argv);
    QStringList arguments = QCoreApplication::arguments().mid(1);
    const bool throughFile = arguments.removeAll(u"--qfile"_s) > 0;
    if (arguments.size() != 2) {
        QTextStream(stderr) << "usage: libarchiveextract [--qfile] ARCHIVE TARGET\n";
        return 2;
    }

    Source source;
    source.file.setFileName(arguments[0]);
    const std::optional<int> total =
        source.file.open(QIODevice::ReadOnly) ? countEntries(source) : std::nullopt;
    const Reader reader = total ? openReader(source) : nullptr;
    if (!reader) {
        QTextStream(stderr) << "cannot read " << arguments[0] << '\n';
        return 1;
    }

    const Writer writer = openWriter();
    archive_entry *entry = nullptr;
    int done = 0;
    while (archive_read_next_header(reader.get(), &entry) == ARCHIVE_OK) {
        const QString path = arguments[1] + QDir::separator()
                           + QString::fromLocal8Bit(archive_entry_pathname(entry));
        archive_entry_set_pathname(entry, path.toLocal8Bit().constData());
        const bool written = throughFile ? writeToFile(reader.get(), entry, path)
                                         : writeToDisk(reader.get(), writer.get(), entry);
        if (!written) {
            QTextStream(stderr) << "cannot extract " << path << '\n';
            return 1;
        }
        ++done;
        QCoreApplication::processEvents();
    }
    if (done != *total) {
        QTextStream(stderr) << "extracted " << done << " of " << *total << " entries\n";
        return 1;
    }
    return 0;
}
