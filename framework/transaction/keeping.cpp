// SPDX-License-Identifier: MIT
#include "transaction/transactionstate.h"

#include "transaction/keptfiles.h"

#include <algorithm>

namespace Entracte {

namespace {

/// Takes \a files, which lie in \a folder, out of its \a children.
void takeOut(QList<Directory::Child> &children, const QString &folder, KeptFiles::InFolder files)
{
    const qsizetype start = folder.isEmpty() ? 0 : folder.size() + 1;
    const auto name = [start](const PayloadEntry *file) {
        return QStringView(file->path).sliced(start);
    };
    children.removeIf([&](const Directory::Child &child) {
        const auto found = std::ranges::lower_bound(files, QStringView(child.name), {}, name);
        return child.kind != FileKind::Directory && found != files.end()
            && name(*found) == child.name;
    });
}

} // namespace

/// One thread's hands: keeps what is handed to it, and records it.
class Transaction::Private::Keeper
{
public:
    explicit Keeper(Private &transaction)
        : m_transaction(transaction)
        , m_stage(transaction.stage->duplicate())
        , m_lines(transaction)
    {
    }

    Result<> keep(const Directory &from, KeptFiles::InFolder files)
    {
        for (const PayloadEntry *file : files) {
            if (const Result<> kept = keep(from, *file); !kept)
                return kept;
        }
        return {};
    }

    Result<> record(const PayloadEntry &entry)
    {
        // The receipt says what the product put there: an edit from now on shows against it.
        InstalledFile file = InstalledFile::of(entry);
        file.modified = m_transaction.plan.seen.value(entry.path).modified;
        return m_lines.record(entry.path, file);
    }

private:
    Result<> keep(const Directory &from, const PayloadEntry &entry)
    {
        if (const Result<> recorded = record(entry); !recorded)
            return recorded;
        const Result<> kept = m_stage.keep(from, entry.path, entry.path);
        if (kept || kept.error().code != ErrorCode::CannotKeep)
            return kept;
        // Every one is still to be recorded: it stays where it is.
        const std::lock_guard guard(m_transaction.mutex);
        m_transaction.isTreeSwapImpossible = true;
        return {};
    }

    Private &m_transaction;
    Directory m_stage;
    Lines m_lines;
};

Result<> Transaction::Private::keepInTree(KeptFiles &kept, const MayGoOn &mayGoOn)
{
    const auto makeWork = [&]() -> CarryOver::FolderWork {
        const auto keeper = std::make_shared<Keeper>(*this);
        return [&, keeper](Directory &from, const QString &folder,
                           QList<Directory::Child> &children) -> Result<> {
            if (const Result<> goesOn = mayGoOn(); !goesOn)
                return goesOn;
            const KeptFiles::InFolder files = kept.takeFrom(folder);
            takeOut(children, folder, files);
            return keeper->keep(from, files);
        };
    };
    const Result<> begun = treeSwap->begin(makeWork);
    if (!begun && begun.error().code != ErrorCode::CannotKeep)
        return begun;
    isTreeSwapImpossible = isTreeSwapImpossible || !begun;

    // In folders that went away meanwhile: the system says so.
    const std::vector<KeptFiles::InFolder> others = kept.takeOthers();
    if (others.empty())
        return {};
    const Result<Directory> installed = Directory::open(target);
    if (!installed)
        return installed.error();
    Keeper keeper(*this);
    for (const KeptFiles::InFolder &files : others) {
        if (const Result<> done = keeper.keep(*installed, files); !done)
            return done;
    }
    return {};
}

/// Where everything stays where it is.
Result<> Transaction::Private::recordKept(KeptFiles &kept)
{
    Keeper keeper(*this);
    for (const KeptFiles::InFolder &files : kept.takeOthers()) {
        for (const PayloadEntry *file : files) {
            if (const Result<> recorded = keeper.record(*file); !recorded)
                return recorded;
        }
    }
    return {};
}

Result<> Transaction::Private::keepInstalled(KeptFiles kept, const MayGoOn &mayGoOn)
{
    const Result<> done = treeSwap ? keepInTree(kept, mayGoOn) : recordKept(kept);
    return done ? stageLinksAndBackUps() : done;
}

} // namespace Entracte
