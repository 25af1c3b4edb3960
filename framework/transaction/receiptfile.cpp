// SPDX-License-Identifier: MIT
#include "transaction/receiptfile.h"

#include "transaction/journalreader.h"

#include <QFileInfo>

namespace Entracte {

Result<std::optional<Receipt>> ReceiptFile::read(const QString &targetDirectory)
{
    const QFileInfo info(targetDirectory);
    if (!info.isDir()) {
        // "Not there" and "may not look" are different answers: the second must not pass for none.
        const QFileInfo parent(info.path());
        if (info.exists() || !parent.exists() || parent.isExecutable())
            return std::optional<Receipt>();
    }
    const Result<Directory> target = Directory::open(targetDirectory);
    if (!target)
        return target.error();
    return read(*target);
}

Result<std::optional<Receipt>> ReceiptFile::read(const Directory &target)
{
    const auto failure = [&target](const QString &reason) {
        return Error{ErrorCode::Failed, tr("Could not read what is installed from “%1”: %2.",
                                           "error message; %2: reason")
                                            .arg(target.path() + u'/' + path(), reason)};
    };
    const Result<std::optional<InputFile>> file = target.readFrom(path());
    if (!file)
        return file.error();
    if (!*file)
        return std::optional<Receipt>();
    const QString shown = target.path() + u'/' + path();
    const Result<std::optional<Journal::Record>> read = JournalReader::read(**file, shown);
    if (!read)
        return read.error();
    // Without its end it does not tell everything, and what it leaves out would look foreign.
    if (!*read || !(*read)->isStaged || (*read)->header.productId.isEmpty())
        return failure(tr("it is not a receipt, or damaged", "error message, reason"));

    const Journal::Record &record = **read;
    Receipt receipt;
    receipt.productId = record.header.productId;
    receipt.version = record.header.version;
    receipt.transactionId = record.header.transactionId;
    receipt.files = record.files;
    for (auto it = receipt.files.cbegin(); it != receipt.files.cend(); ++it) {
        if (it.key() == QLatin1StringView(ownDirectoryName)
            || it.key().startsWith(QStringLiteral(".entracte/")))
            return failure(
                tr("its line about “%1” makes no sense", "error message, reason").arg(it.key()));
    }
    if (const std::optional<FileStatus> seal = target.status(sealPath()))
        receipt.sealed = seal->stamp.changed;
    return std::optional(std::move(receipt));
}

Result<> ReceiptFile::seal(Directory &target)
{
    if (const Result<> removed = target.remove(sealPath()); !removed)
        return removed;
    const Result<OutputFile> made = target.createFile(sealPath(), 0644);
    if (!made)
        return made.error();
    // File systems tell time in ticks of milliseconds, and what was installed in the last of them
    // would have to be read again next time. Since Linux 6.13, a change after a look tells a time
    // of its own.
    (void)made->stamp();
    (void)target.setMode(sealPath(), 0644);
    return {};
}

} // namespace Entracte
