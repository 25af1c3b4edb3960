// SPDX-License-Identifier: MIT
#include "transaction/transactionstate.h"

#include <QHash>

namespace Entracte {

struct Transaction::Stager::Private
{
    Transaction::Private &transaction;
    Directory stage;
    std::optional<Directory> old;
    QByteArray lines; ///< for the journal
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
    d->transaction.journal->addLines(d->lines);
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
        return record(d->path, file);
    // Of a merged one, the receipt tells only what was offered.
    d->offeredForEdited.insert(offered, file);
    return d->path == offered ? Result<>() : record(d->path, file);
}

Result<> Transaction::Stager::record(const QString &path, const InstalledFile &file)
{
    Journal::appendLine(d->lines, path, file);
    if (d->lines.size() < Transaction::Private::mostGathered)
        return {};
    const std::lock_guard guard(d->transaction.mutex);
    d->transaction.journal->addLines(d->lines);
    d->lines.resize(0); // keeps its room
    return d->transaction.journal->write();
}

Result<> Transaction::Stager::keep(const PayloadEntry &entry)
{
    // The receipt says what the product put there: an edit from now on shows against it.
    InstalledFile file = InstalledFile::of(entry);
    file.modified = d->transaction.plan.seen.value(entry.path).modified;
    if (const Result<> recorded = record(entry.path, file); !recorded)
        return recorded;
    if (!d->transaction.treeSwap)
        return {}; // it stays where it is
    const Result<> kept = d->stage.keep(*d->old, entry.path, entry.path);
    if (kept || kept.error().code != ErrorCode::CannotKeep)
        return kept;
    const std::lock_guard guard(d->transaction.mutex);
    d->transaction.isTreeSwapImpossible = true;
    return {};
}

std::unique_ptr<Transaction::Stager> Transaction::stager()
{
    auto made = std::make_unique<Stager::Private>(
        Stager::Private{*d, d->stage->duplicate(), {}, {}, {}, {}, {}, {}});
    if (d->old)
        made->old = d->old->duplicate();
    return std::unique_ptr<Stager>(new Stager(std::move(made)));
}

} // namespace Entracte
