// SPDX-License-Identifier: MIT
#include "transaction/carryover.h"

#include "core/logging.h"
#include "core/parallel.h"
#include "plan/foldersabove.h"
#include "plan/relativepath.h"
#include "transaction/folders.h"
#include "transaction/receiptfile.h"

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

bool holdsForeign(const Directory &tree, const QString &directory, const QSet<QString> &owned)
{
    const Result<QList<Directory::Child>> children = tree.children(directory);
    if (!children)
        return true; // what cannot be seen may be foreign
    for (const Directory::Child &child : *children) {
        const QString path = joined(directory, child.name);
        if (path == QLatin1StringView(ownDirectoryName))
            continue;
        if (child.kind == FileKind::Directory ? holdsForeign(tree, path, owned)
                                              : !owned.contains(path))
            return true;
    }
    return false;
}

} // namespace

CarryOver::CarryOver(Directory work, const QString &spare, const QSet<QString> &owned)
    : m_work(std::move(work))
    , m_spare(spare)
{
    addOwned(owned);
}

/// What stands at \a path, nullopt if nothing does.
std::optional<CarryOver::State> CarryOver::stateOf(const Directory &tree, const QString &path)
{
    const std::optional<FileStatus> status = tree.status(path);
    if (!status)
        return std::nullopt;
    State state;
    state.kind = status->kind;
    if (state.kind == FileKind::SymbolicLink)
        state.linkTarget = tree.linkTarget(path);
    else
        state.modified = status->stamp.modified;
    if (state.kind == FileKind::File)
        state.size = status->stamp.size;
    return state;
}

bool CarryOver::isSameFile(const Directory &one, const QString &path, const Directory &other,
                           const QString &otherPath)
{
    const std::optional<FileStatus> first = one.status(path);
    const std::optional<FileStatus> second = other.status(otherPath);
    return first && second && first->device == second->device && first->inode == second->inode;
}

void CarryOver::addOwned(const QSet<QString> &paths)
{
    if (m_owned.isEmpty())
        m_owned = paths;
    else
        m_owned.unite(paths);
    m_ownedDirectories.reset();
}

bool CarryOver::findsForeign(const Directory &tree, const QSet<QString> &owned)
{
    return holdsForeign(tree, QString(), owned);
}

void CarryOver::expectOwned(const QHash<QString, FileStamp> &stamps)
{
    m_savesOwned = true;
    m_expected.insert(stamps);
}

void CarryOver::noteBackUp(const QString &path, const QString &backupPath)
{
    m_backUps.insert(path, backupPath);
    m_directories.insert(path, backupPath); // if it is a folder, that is where it goes
}

Result<> CarryOver::run(const Directory &from, Directory &to)
{
    m_from = &from;
    m_to = &to;
    Result<> done = scan();
    if (done)
        done = carryScanned();
    m_scanned.clear();
    m_makeWork = nullptr;
    m_hasRun = true;
    const Result<> set = applyModes();
    return done ? set : done;
}

Result<> CarryOver::run(const Directory &from, Directory &to, const TreeWatch::Changes &changes)
{
    if (!changes.isComplete)
        return run(from, to);
    m_from = &from;
    m_to = &to;
    Result<> done;
    for (const QString &directory : changes.directories) {
        done = from.status(directory) ? walk(directory, Depth::OnlyNew) : Result<>();
        if (!done)
            break;
    }
    const Result<> set = applyModes();
    return done ? set : done;
}

Result<> CarryOver::runBack(const Directory &from, Directory &to)
{
    // What run() put there under another name goes back under its own; what is a copy of something
    // owned does not go back at all.
    QHash<QString, Carried> there;
    for (auto it = m_carried.begin(); it != m_carried.end(); ++it)
        there.insert(it->as, {it->state, it.key(), it->isDirectory, it->isLinked});
    QHash<QString, QString> directories;
    for (auto it = m_directories.begin(); it != m_directories.end(); ++it)
        directories.insert(it.value(), it.key());
    m_directories = directories;
    for (const QString &backup : std::as_const(m_backUps))
        m_owned.insert(backup);
    m_carried = there;
    m_savesOwned = false;
    m_watch = nullptr;
    return run(from, to);
}

/// Only now: a directory may be read-only for its owner too.
Result<> CarryOver::applyModes()
{
    for (auto it = m_modes.constBegin(); it != m_modes.constEnd(); ++it) {
        if (const Result<> set = m_to->setMode(it.key(), it.value()); !set)
            return set;
    }
    m_modes.clear();
    return {};
}

/// Level by level, so that the threads need not wait for each other inside one.
Result<> CarryOver::scan()
{
    std::vector<Scanned> level{Scanned()};
    while (!level.empty()) {
        const Result<> read = inParallel(qsizetype(level.size()), [&]() -> ItemWork {
            const auto tree = std::make_shared<Directory>(m_from->duplicate());
            return [this, tree, work = m_makeWork ? m_makeWork() : FolderWork(), &level](
                       qsizetype item) { return scanFolder(level[size_t(item)], *tree, work); };
        });
        if (!read)
            return read;
        std::vector<Scanned> next;
        for (Scanned &folder : level) {
            m_walked.insert(folder.path);
            for (const QString &inside : std::as_const(folder.folders))
                next.push_back({inside, {}, {}});
            if (!folder.found.isEmpty())
                m_scanned.push_back(std::move(folder));
        }
        level = std::move(next);
    }
    return {};
}

Result<> CarryOver::scanFolder(Scanned &folder, Directory &tree, const FolderWork &work) const
{
    Result<QList<Directory::Child>> children = tree.children(folder.path, m_watch);
    if (!children)
        return children.error();
    if (work) {
        if (const Result<> worked = work(tree, folder.path, *children); !worked)
            return worked;
    }
    for (const Directory::Child &child : std::as_const(*children)) {
        const QString path = joined(folder.path, child.name);
        if (path == QLatin1StringView(ownDirectoryName))
            continue;
        if (child.kind == FileKind::Directory)
            folder.folders.append(path);
        if (!isSettled(tree, path, child.kind))
            folder.found.append(child);
    }
    return {};
}

/// Whether nothing has to be done for \a path, as far as can be told beside other threads.
bool CarryOver::isSettled(const Directory &tree, const QString &path, FileKind kind) const
{
    if (kind == FileKind::Directory)
        return m_owned.contains(path) && !m_backUps.contains(path);
    if (!m_savesOwned)
        return m_owned.contains(path);
    const auto expected = m_expected.constFind(path);
    if (expected == m_expected.constEnd())
        return !m_hasRun && m_owned.contains(path); // is kept by link
    const std::optional<FileStatus> there = tree.status(path);
    return there && there->stamp.hasSameContent(*expected);
}

Result<> CarryOver::carryScanned()
{
    for (const Scanned &folder : m_scanned) {
        const Result<> carried = walkChildren(folder.path, folder.found, Depth::Nothing);
        if (!carried)
            return carried;
    }
    return {};
}

Result<> CarryOver::walk(const QString &directory, Depth depth)
{
    m_walked.insert(directory);
    const Result<QList<Directory::Child>> children = m_from->children(directory, m_watch);
    if (!children)
        return children.error();
    return walkChildren(directory, *children, depth);
}

Result<> CarryOver::walkChildren(const QString &directory, const QList<Directory::Child> &children,
                                 Depth depth)
{
    for (const Directory::Child &child : children) {
        const QString path = joined(directory, child.name);
        if (path == QLatin1StringView(ownDirectoryName))
            continue;
        Result<> done;
        if (child.kind == FileKind::Directory)
            done = carryDirectory(path, depth);
        else if (m_owned.contains(path))
            done = saveOwned(path);
        else
            done = carryFile(path);
        if (!done)
            return done;
    }
    return {};
}

Result<> CarryOver::carryDirectory(const QString &path, Depth depth)
{
    const bool isForeign = m_backUps.contains(path) || !isProductDirectory(path);
    if (isForeign && !m_carried.contains(path)) {
        const Result<QString> made = directoryFor(path);
        if (!made)
            return made.error();
        m_carried.insert(path, {{}, *made, true, false});
    }
    const bool goesIn =
        depth == Depth::Everything || (depth == Depth::OnlyNew && !m_walked.contains(path));
    return goesIn ? walk(path, Depth::Everything) : Result<>();
}

Result<> CarryOver::carryFile(const QString &path)
{
    const std::optional<State> here = stateOf(*m_from, path);
    if (!here)
        return {}; // it went away while we looked
    if (here->kind == FileKind::Other) {
        qCWarning(lcTransaction) << "Not a file and not kept:" << m_from->path() << path;
        return {}; // a socket or a pipe: whoever made it makes it again
    }
    const auto known = m_carried.constFind(path);
    if (known == m_carried.constEnd()) {
        const Result<QString> directory = directoryFor(parentOf(path));
        if (!directory)
            return directory.error();
        return carryNewFile(path, *here, joined(*directory, nameOf(path)));
    }

    const QString destination = known->as;
    if (isSameFile(*m_from, path, *m_to, destination))
        return {};
    const std::optional<State> there = stateOf(*m_to, destination);
    const bool changedThere = there != known->state;
    const bool changedHere = here != known->state || (known->isLinked && !changedThere);
    if (!changedHere)
        return {}; // saved or deleted there since, or a copy from the beginning
    if (!there)
        return place(path, *here, destination);
    return changedThere ? place(path, *here, freeName(*m_to, destination))
                        : replace(path, *here, destination);
}

Result<> CarryOver::carryNewFile(const QString &path, const State &here, const QString &destination)
{
    const std::optional<State> there = stateOf(*m_to, destination);
    if (!there)
        return place(path, here, destination);
    if (isSameFile(*m_from, path, *m_to, destination)) {
        m_carried.insert(path, {here, destination, false, true});
        return {};
    }
    // Before the swap, whatever is there belongs to the new version.
    if ((m_savesOwned && !m_hasRun) || there->kind == FileKind::Directory)
        return place(path, here, freeName(*m_to, destination));
    return here.modified > there->modified ? replace(path, here, destination) : Result<>();
}

Result<> CarryOver::saveOwned(const QString &path)
{
    if (!m_savesOwned)
        return {};
    const auto expected = m_expected.constFind(path);
    if (expected == m_expected.constEnd() && !m_hasRun)
        return {}; // is kept by link
    const std::optional<FileStatus> here = m_from->status(path);
    if (!here || (expected != m_expected.constEnd() && here->stamp.hasSameContent(*expected))
        || isSameFile(*m_from, path, *m_to, path)
        || isSameFile(*m_from, path, *m_to, m_backUps.value(path, path)))
        return {};

    qCWarning(lcTransaction) << "Somebody changed" << path << "meanwhile: it is kept beside";
    const Result<QString> directory = directoryFor(parentOf(path));
    if (!directory)
        return directory.error();
    // An earlier process may have saved it already.
    const QString backup = joined(*directory, nameOf(path)) + ".saved"_L1;
    if (isSameFile(*m_from, path, *m_to, backup))
        return {};
    return saveAs(path, *here, freeName(*m_to, joined(*directory, nameOf(path))));
}

Result<> CarryOver::saveAs(const QString &path, const FileStatus &here, const QString &backup)
{
    if (const Result<> kept = m_to->keep(*m_from, path, backup); !kept)
        return kept;
    m_expected.insert(path, here.stamp);
    m_backUps.insert(path, backup);
    return {};
}

Result<> CarryOver::place(const QString &path, const State &here, const QString &destination)
{
    if (const Result<QString> directory = directoryFor(parentOf(path)); !directory)
        return directory.error();
    if (const Result<> kept = m_to->keep(*m_from, path, destination); !kept)
        return kept;
    m_carried.insert(path,
                     {here, destination, false, isSameFile(*m_from, path, *m_to, destination)});
    return {};
}

Result<> CarryOver::replace(const QString &path, const State &here, const QString &destination)
{
    if (const Result<> removed = m_work.remove(m_spare); !removed)
        return removed;
    if (const Result<> kept = m_work.keep(*m_from, path, m_spare); !kept)
        return kept;
    if (const Result<> swapped = m_work.exchange(m_spare, *m_to, destination); !swapped)
        return swapped;
    m_carried.insert(path,
                     {here, destination, false, isSameFile(*m_from, path, *m_to, destination)});
    return m_work.remove(m_spare);
}

Result<QString> CarryOver::directoryFor(const QString &directory)
{
    if (directory.isEmpty())
        return QString();
    QString as = m_directories.value(directory);
    if (as.isEmpty()) {
        const Result<QString> parent = directoryFor(parentOf(directory));
        if (!parent)
            return parent.error();
        as = joined(*parent, nameOf(directory));
    }

    const std::optional<FileStatus> there = m_to->status(as);
    if (!there || !there->isDirectory()) {
        if (there)
            as = freeName(*m_to, as);
        if (const Result<> made = m_to->makeDirectoryLike(as, *m_from, directory); !made)
            return made.error();
        const std::optional<FileStatus> model = m_from->status(directory);
        if (model && (model->mode & 0700) != 0700)
            m_modes.insert(as, model->mode);
    }
    m_directories.insert(directory, as);
    return as;
}

bool CarryOver::isProductDirectory(const QString &path) const
{
    return m_owned.contains(path) || ownedDirectories().contains(path);
}

/// Most payloads name their folders: these are asked for only when something is foreign.
const QSet<QString> &CarryOver::ownedDirectories() const
{
    if (m_ownedDirectories)
        return *m_ownedDirectories;
    FoldersAbove above;
    for (const QString &path : m_owned)
        above.add(path);
    return m_ownedDirectories.emplace(above.folders());
}

} // namespace Entracte
