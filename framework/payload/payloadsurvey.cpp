// SPDX-License-Identifier: MIT
#include "payload/payloadsurvey.h"

#include "payload/entryreader.h"
#include "payload/payloadarchive.h"
#include "transaction/receiptfile.h"

#include <QCryptographicHash>
#include <QFile>
#include <QFileInfo>
#include <QHash>

#include <filesystem>
#include <vector>

namespace Entracte {

namespace {

namespace fs = std::filesystem;

constexpr qint64 blockSize = 256 * 1024;

Error cancelled()
{
    return {ErrorCode::Cancelled,
            PayloadSurvey::tr("The installation was cancelled.", "error message")};
}

/// The SHA-256 of \a fileName.
Result<QByteArray> digestOf(const QString &fileName, const WorkerJob::Context &context)
{
    QFile file(fileName);
    QCryptographicHash hash(QCryptographicHash::Sha256);
    QByteArray block(blockSize, Qt::Uninitialized);
    const bool isOpen = file.open(QIODevice::ReadOnly | QIODevice::Unbuffered);
    qint64 got = 0;
    while (isOpen && (got = file.read(block.data(), block.size())) > 0) {
        hash.addData(QByteArrayView(block).first(got));
        if (context.isCancelled())
            return cancelled();
    }
    if (isOpen && got == 0)
        return hash.result();
    return Error{ErrorCode::Failed,
                 PayloadSurvey::tr("Could not read “%1”: %2.", "error message; %2: system")
                     .arg(fileName, file.errorString())};
}

Result<> checkDigest(const Component &component, const WorkerJob::Context &context)
{
    if (component.sha256.isEmpty() || !QFileInfo(component.payload).isFile())
        return {}; // a missing one is refused when it is opened
    const Result<QByteArray> digest = digestOf(component.payload, context);
    if (!digest)
        return digest.error();
    if (*digest == component.sha256)
        return {};
    return Error{ErrorCode::BadPayload,
                 PayloadSurvey::tr("The payload “%1” is not the one that the manifest promises: "
                                   "its SHA-256 is %2, not %3.",
                                   "error message")
                     .arg(component.payload, QString::fromLatin1(digest->toHex()),
                          QString::fromLatin1(component.sha256.toHex()))};
}

/// Looks at the target, and never through a symbolic link in it.
class Target
{
public:
    explicit Target(const QString &directory)
        : m_directory(directory)
    {
    }

    QString absolute(const QString &path) const { return m_directory + u'/' + path; }

    /// What stands at \a path: not_found too if something above it is not a real folder.
    fs::file_status statusOf(const QString &path)
    {
        const qsizetype slash = path.lastIndexOf(u'/');
        if (slash >= 0 && !isDirectory(path.left(slash)))
            return fs::file_status(fs::file_type::not_found);
        return lookAt(path);
    }

private:
    bool isDirectory(const QString &path)
    {
        const auto known = m_directories.constFind(path);
        if (known != m_directories.constEnd())
            return *known;
        const bool is = fs::is_directory(statusOf(path));
        m_directories.insert(path, is);
        return is;
    }

    fs::file_status lookAt(const QString &path) const
    {
        std::error_code ignored;
        return fs::symlink_status(fs::path(QFile::encodeName(absolute(path)).toStdString()),
                                  ignored);
    }

    QString m_directory;
    QHash<QString, bool> m_directories;
};

QByteArray linkTargetOf(const QString &fileName)
{
    std::error_code ignored;
    return QByteArray::fromStdString(
        fs::read_symlink(fs::path(QFile::encodeName(fileName).toStdString()), ignored).native());
}

/// Paths that the receipt knows as folders, named or not.
QSet<QString> ownFolders(const Receipt &receipt)
{
    QSet<QString> folders;
    for (auto it = receipt.files.begin(); it != receipt.files.end(); ++it) {
        if (it->kind == EntryKind::Directory)
            folders.insert(it.key());
        for (qsizetype slash = it.key().lastIndexOf(u'/'); slash > 0;
             slash = it.key().lastIndexOf(u'/', slash - 1))
            folders.insert(it.key().left(slash));
    }
    return folders;
}

/// Whether what stands at \a path is no more what \a receipt recorded.
Result<bool> isEdited(const QString &path, const fs::file_status &status, const Target &target,
                      const Receipt &receipt, const QSet<QString> &folders,
                      const WorkerJob::Context &context)
{
    if (fs::is_directory(status))
        return !folders.contains(path);
    const auto recorded = receipt.files.constFind(path);
    if (recorded == receipt.files.constEnd())
        return true;
    switch (recorded->kind) {
    case EntryKind::Directory:
        return true;
    case EntryKind::SymbolicLink:
        return !fs::is_symlink(status)
            || linkTargetOf(target.absolute(path)) != QFile::encodeName(recorded->linkTarget);
    case EntryKind::File:
        break;
    }
    if (!fs::is_regular_file(status) || QFileInfo(target.absolute(path)).size() != recorded->size)
        return true;
    const Result<QByteArray> digest = digestOf(target.absolute(path), context);
    if (!digest)
        return digest.error();
    return *digest != recorded->sha256;
}

Result<bool> isUnchanged(EntryReader &reader, const PayloadArchive &archive,
                         const PayloadEntry &entry, const fs::file_status &status,
                         const Target &target)
{
    const bool hasMode = int(status.permissions()) == entry.mode;
    switch (entry.kind) {
    case EntryKind::Directory:
        return fs::is_directory(status) && hasMode;
    case EntryKind::SymbolicLink:
        return fs::is_symlink(status)
            && linkTargetOf(target.absolute(entry.path)) == QFile::encodeName(entry.linkTarget);
    case EntryKind::File:
        break;
    }
    if (!fs::is_regular_file(status) || !hasMode)
        return false;
    return reader.hasSameBytes(archive, entry, target.absolute(entry.path));
}

} // namespace

Result<PayloadSurvey> PayloadSurvey::take(const Manifest &manifest, const QString &targetDirectory,
                                          WorkerJob::Context &context)
{
    PayloadSurvey survey;
    std::vector<std::shared_ptr<const PayloadArchive>> archives;
    for (const Component &component : manifest.components) {
        if (!component.required && !component.selected)
            continue;
        if (const Result<> checked = checkDigest(component, context); !checked)
            return checked.error();
        Result<std::shared_ptr<const PayloadArchive>> archive =
            PayloadArchive::open(component.payload);
        if (!archive)
            return archive.error();
        survey.entries.append((*archive)->entries());
        archives.push_back(*std::move(archive));
    }

    const Result<std::optional<Receipt>> receipt = ReceiptFile::read(targetDirectory);
    if (!receipt)
        return receipt.error();
    InstalledProduct &installed = survey.installed;
    installed.isInstalled = receipt->has_value();
    installed.receipt = receipt->value_or(Receipt());

    EntryReader reader(EntryReader::Verification::Crc); // the bytes themselves are compared
    Target target(targetDirectory);
    qint64 total = 0;
    for (const PayloadEntry &entry : std::as_const(survey.entries))
        total += entry.size;
    qint64 done = 0;
    for (const auto &archive : archives) {
        for (const PayloadEntry &entry : archive->entries()) {
            if (context.isCancelled())
                return cancelled();
            const fs::file_status status = target.statusOf(entry.path);
            if (fs::exists(status)) {
                installed.present.insert(entry.path);
                const Result<bool> same = isUnchanged(reader, *archive, entry, status, target);
                if (!same)
                    return same.error();
                if (*same)
                    installed.unchanged.insert(entry.path);
            }
            done += entry.size;
            context.reportProgress(done, total);
        }
    }
    for (auto it = installed.receipt.files.begin(); it != installed.receipt.files.end(); ++it) {
        if (fs::exists(target.statusOf(it.key())))
            installed.present.insert(it.key());
    }

    // A folder is in the way only of a file: entries bring folders that may well be there.
    QSet<QString> offeredFolders;
    for (const PayloadEntry &entry : std::as_const(survey.entries)) {
        if (entry.kind == EntryKind::Directory)
            offeredFolders.insert(entry.path);
    }
    const QSet<QString> folders = ownFolders(installed.receipt) + offeredFolders;
    for (const QString &path : std::as_const(installed.present)) {
        if (installed.unchanged.contains(path))
            continue;
        const Result<bool> edited =
            isEdited(path, target.statusOf(path), target, installed.receipt, folders, context);
        if (!edited)
            return edited.error();
        if (*edited)
            installed.edited.insert(path);
    }
    return survey;
}

} // namespace Entracte
