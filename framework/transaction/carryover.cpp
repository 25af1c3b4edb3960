// SPDX-License-Identifier: MIT
#include "transaction/carryover.h"

#include "core/logging.h"
#include "transaction/receiptfile.h"

#include <QFile>
#include <QFileInfo>

#include <filesystem>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

namespace fs = std::filesystem;

fs::path nativePath(const QString &path)
{
    return fs::path(QFile::encodeName(path).toStdString());
}

fs::file_status statusOf(const QString &path)
{
    std::error_code ignored;
    return fs::symlink_status(nativePath(path), ignored);
}

/// What stands at \a path, nullopt if nothing does.
std::optional<CarryOver::State> stateOf(const QString &path)
{
    const fs::path native = nativePath(path);
    std::error_code ignored;
    const fs::file_status status = fs::symlink_status(native, ignored);
    if (!fs::exists(status))
        return std::nullopt;
    CarryOver::State state;
    if (fs::is_symlink(status)) {
        state.linkTarget = QByteArray::fromStdString(fs::read_symlink(native, ignored).native());
    } else {
        state.modified = fs::last_write_time(native, ignored).time_since_epoch().count();
        if (fs::is_regular_file(status))
            state.size = qint64(fs::file_size(native, ignored));
    }
    return state;
}

QString parentOf(const QString &path)
{
    return path.left(qMax(qsizetype(0), path.lastIndexOf(u'/')));
}

QString nameOf(const QString &path)
{
    return path.mid(path.lastIndexOf(u'/') + 1);
}

QString joined(const QString &directory, const QString &name)
{
    return directory.isEmpty() ? name : directory + u'/' + name;
}

} // namespace

CarryOver::CarryOver(FileSystem &fileSystem, const QSet<QString> &owned, const QString &spare)
    : m_fileSystem(fileSystem)
    , m_spare(spare)
{
    addOwned(owned);
}

void CarryOver::addOwned(const QSet<QString> &paths)
{
    m_owned.unite(paths);
    for (const QString &path : paths) {
        for (QString parent = parentOf(path); !parent.isEmpty(); parent = parentOf(parent)) {
            if (m_ownedDirectories.contains(parent))
                break;
            m_ownedDirectories.insert(parent);
        }
    }
}

bool CarryOver::findsForeign(const QString &tree) const
{
    const fs::path root = nativePath(tree);
    std::error_code error;
    fs::recursive_directory_iterator entries(root, error);
    for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
        const QString path = QFile::decodeName(
            QByteArray::fromStdString(entries->path().lexically_relative(root).native()));
        if (path == QLatin1StringView(ownDirectoryName))
            entries.disable_recursion_pending();
        else if (!fs::is_directory(entries->symlink_status(error)) && !m_owned.contains(path))
            return true;
    }
    return bool(error); // what cannot be seen may be foreign
}

void CarryOver::watchOwned(const QString &tree)
{
    m_watchesOwned = true;
    for (const QString &path : std::as_const(m_owned)) {
        if (const std::optional<State> state = stateOf(joined(tree, path)))
            m_ownedStates.insert(path, *state);
    }
}

void CarryOver::noteBackUp(const QString &path, const QString &backupPath)
{
    m_backUps.insert(path, backupPath);
}

Result<> CarryOver::run(const QString &from, const QString &to)
{
    m_from = from;
    m_to = to;
    Result<> walked = walk(QString());
    m_hasRun = true;

    // Only now: a directory may be read-only for its owner too.
    for (const auto &[path, mode] : std::as_const(m_modes)) {
        std::error_code ignored;
        fs::permissions(nativePath(path), fs::perms(mode), ignored);
    }
    m_modes.clear();
    return walked;
}

Result<> CarryOver::runBack(const QString &from, const QString &to)
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
    m_watchesOwned = false;
    return run(from, to);
}

Result<> CarryOver::walk(const QString &directory)
{
    std::error_code error;
    fs::directory_iterator entries(nativePath(joined(m_from, directory)), error);
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
        const QByteArray nativeName =
            QByteArray::fromStdString(entries->path().filename().native());
        const QString name = QFile::decodeName(nativeName);
        const QString path = joined(directory, name);
        if (QFile::encodeName(name) != nativeName)
            return Error{ErrorCode::Failed,
                         tr("Could not keep “%1”: its name is not valid text, rename it first.",
                            "error message")
                             .arg(joined(m_from, path))};
        if (path == QLatin1StringView(ownDirectoryName))
            continue;

        const bool isDirectory = fs::is_directory(entries->symlink_status(error));
        if (isDirectory) {
            if (!isProductDirectory(path) && !m_carried.contains(path)) {
                const Result<QString> made = directoryFor(path);
                if (!made)
                    return made.error();
                m_carried.insert(path, {{}, *made, true, false});
            }
            if (const Result<> walked = walk(path); !walked)
                return walked.error();
        } else if (m_owned.contains(path)) {
            if (const Result<> saved = saveOwned(path); !saved)
                return saved.error();
        } else if (const Result<> carried = carryFile(path); !carried) {
            return carried.error();
        }
    }
    if (!error)
        return {};
    return Error::fromErrno(
        error.value(), tr("Could not look into the folder “%1”: %2.", "error message; %2: system")
                           .arg(joined(m_from, directory), systemReply(error.value())));
}

Result<> CarryOver::carryFile(const QString &path)
{
    const std::optional<State> here = stateOf(joined(m_from, path));
    if (!here)
        return {}; // it went away while we looked
    const auto known = m_carried.constFind(path);
    if (known == m_carried.constEnd()) {
        const Result<QString> directory = directoryFor(parentOf(path));
        if (!directory)
            return directory.error();
        return carryNewFile(path, *here, joined(*directory, nameOf(path)));
    }

    const QString destination = known->as;
    if (m_fileSystem.isSameFile(joined(m_from, path), joined(m_to, destination)))
        return {};
    const std::optional<State> there = stateOf(joined(m_to, destination));
    const bool changedThere = there != known->state;
    const bool changedHere = here != known->state || (known->isLinked && !changedThere);
    if (!changedHere)
        return {}; // saved or deleted there since, or a copy from the beginning
    if (!there)
        return place(path, *here, destination);
    return changedThere ? place(path, *here, freeName(destination))
                        : replace(path, *here, destination);
}

Result<> CarryOver::carryNewFile(const QString &path, const State &here, const QString &destination)
{
    const QString place = joined(m_to, destination);
    const std::optional<State> there = stateOf(place);
    if (!there)
        return this->place(path, here, destination);
    if (m_fileSystem.isSameFile(joined(m_from, path), place)) {
        m_carried.insert(path, {here, destination, false, true});
        return {};
    }
    // Before the swap, whatever is there belongs to the new version.
    if ((m_watchesOwned && !m_hasRun) || fs::is_directory(statusOf(place)))
        return this->place(path, here, freeName(destination));
    return here.modified > there->modified ? replace(path, here, destination) : Result<>();
}

Result<> CarryOver::saveOwned(const QString &path)
{
    if (!m_watchesOwned)
        return {};
    const std::optional<State> here = stateOf(joined(m_from, path));
    if (!here)
        return {};
    const auto before = m_ownedStates.constFind(path);
    const QString source = joined(m_from, path);
    if ((before != m_ownedStates.constEnd() && *before == *here)
        || m_fileSystem.isSameFile(source, joined(m_to, path))
        || m_fileSystem.isSameFile(source, joined(m_to, m_backUps.value(path, path))))
        return {};

    qCWarning(lcTransaction) << "Somebody changed" << source << "meanwhile: it is kept beside";
    const Result<QString> directory = directoryFor(parentOf(path));
    if (!directory)
        return directory.error();
    const QString backup = freeName(joined(*directory, nameOf(path)));
    if (const Result<> linked = m_fileSystem.linkOrCopy(source, joined(m_to, backup)); !linked)
        return linked.error();
    m_ownedStates.insert(path, *here);
    m_backUps.insert(path, backup);
    return {};
}

Result<> CarryOver::place(const QString &path, const State &here, const QString &destination)
{
    if (const Result<QString> directory = directoryFor(parentOf(path)); !directory)
        return directory.error();
    const QString source = joined(m_from, path);
    const QString place = joined(m_to, destination);
    if (const Result<> linked = m_fileSystem.linkOrCopy(source, place); !linked)
        return linked.error();
    m_carried.insert(path, {here, destination, false, m_fileSystem.isSameFile(source, place)});
    return {};
}

Result<> CarryOver::replace(const QString &path, const State &here, const QString &destination)
{
    const QString source = joined(m_from, path);
    const QString place = joined(m_to, destination);
    if (const Result<> removed = m_fileSystem.removeTree(m_spare); !removed)
        return removed.error();
    if (const Result<> linked = m_fileSystem.linkOrCopy(source, m_spare); !linked)
        return linked.error();
    if (const Result<> swapped = m_fileSystem.exchange(m_spare, place); !swapped)
        return swapped.error();
    m_carried.insert(path, {here, destination, false, m_fileSystem.isSameFile(source, place)});
    return m_fileSystem.removeTree(m_spare);
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

    const fs::file_status there = statusOf(joined(m_to, as));
    if (!fs::is_directory(there)) {
        if (fs::exists(there))
            as = freeName(as);
        const QString model = joined(m_from, directory);
        if (const Result<> made = m_fileSystem.makeDirectoryLike(joined(m_to, as), model); !made)
            return made.error();
        m_modes.append({joined(m_to, as), int(statusOf(model).permissions())});
    }
    m_directories.insert(directory, as);
    return as;
}

bool CarryOver::isProductDirectory(const QString &path) const
{
    return m_owned.contains(path) || m_ownedDirectories.contains(path);
}

QString CarryOver::freeName(const QString &path) const
{
    QString name = path + ".saved"_L1;
    for (int number = 2; fs::exists(statusOf(joined(m_to, name))); ++number)
        name = path + ".saved-"_L1 + QString::number(number);
    return name;
}

} // namespace Entracte
