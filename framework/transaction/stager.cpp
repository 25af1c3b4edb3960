// SPDX-License-Identifier: MIT
#include "transaction/transactionstate.h"

#include <QHash>

namespace Entracte {

struct Transaction::Stager::Private
{
    explicit Private(Transaction::Private &owner)
        : transaction(owner)
        , stage(owner.stage->duplicate())
        , lines(owner)
    {
    }

    Transaction::Private &transaction;
    Directory stage;
    Transaction::Private::Lines lines;
    QHash<QString, InstalledFile> offeredForEdited;
    std::optional<OutputFile> file;
    const PayloadEntry *entry = nullptr; ///< whose file it is …
    QString path;                        ///< … and where
};

Transaction::Stager::Stager(std::unique_ptr<Private> made)
    : d(std::move(made))
{
}

Transaction::Stager::~Stager()
{
    const std::lock_guard guard(d->transaction.mutex);
    d->transaction.offeredForEdited.insert(d->offeredForEdited);
}

Result<> Transaction::Stager::begin(const PayloadEntry &entry)
{
    d->path = d->transaction.plan.placeFor(entry.path);
    Result<OutputFile> made = d->stage.createFile(d->path, entry.mode);
    if (!made)
        return made.error();
    d->file = *std::move(made);
    d->entry = &entry;
    return {};
}

Result<> Transaction::Stager::write(QByteArrayView block)
{
    if (const Result<> released = d->transaction.reserve->release(block.size()); !released)
        return released;
    return d->file->write(block);
}

Result<> Transaction::Stager::end(const QByteArray &sha256)
{
    InstalledFile file = InstalledFile::of(*d->entry);
    file.sha256 = sha256;
    file.modified = d->file->stamp().modified;
    d->file.reset();
    const QString &offered = d->entry->path;
    if (!d->transaction.plan.edited.contains(offered))
        return d->lines.record(d->path, file);
    // Of a merged one, the receipt tells only what was offered.
    d->offeredForEdited.insert(offered, file);
    return d->path == offered ? Result<>() : d->lines.record(d->path, file);
}

std::unique_ptr<Transaction::Stager> Transaction::stager()
{
    return std::unique_ptr<Stager>(new Stager(std::make_unique<Stager::Private>(*d)));
}

} // namespace Entracte
