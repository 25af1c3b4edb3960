// SPDX-License-Identifier: MIT
#include "platform/linux/detection/fileregistration.h"

#include "platform/unix/folderreader.h"

#include <QFile>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/resource.h>
#include <sys/vfs.h>

namespace Entracte {

namespace {

constexpr size_t worthAList = 8;      // files of one folder, to read its whole list for them
constexpr int longerThanWorth = 16;   // entries read for each of them, before giving up
constexpr int mostPins = 128;         // they are opened and closed: 8 µs each
constexpr long xfsMagic = 0x58465342; // missing in linux/magic.h
constexpr long bcachefsMagic = 0xca451a4e;

quint64 coarseNow()
{
    // The clock that file systems use: what is born later gets no smaller time.
    timespec now;
    ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return quint64(now.tv_sec) * 1'000'000'000 + quint64(now.tv_nsec);
}

int halfOfDescriptors()
{
    rlimit limit;
    const bool isKnown = ::getrlimit(RLIMIT_NOFILE, &limit) == 0;
    return isKnown ? int(std::min<rlim_t>(limit.rlim_cur / 2, 32 * 1024)) : 0;
}

QByteArray pathOf(int descriptor)
{
    const QByteArray link = "/proc/self/fd/" + QByteArray::number(descriptor);
    char target[4096];
    const ssize_t length = ::readlink(link.constData(), target, sizeof target);
    return length > 0 ? QByteArray(target, length) : QByteArray();
}

/// mountinfo writes blanks as \040.
QByteArray unescaped(const QByteArray &field)
{
    QByteArray text;
    for (qsizetype at = 0; at < field.size(); ++at) {
        if (field.at(at) == '\\' && at + 3 < field.size()) {
            text.append(char(field.mid(at + 1, 3).toInt(nullptr, 8)));
            at += 3;
        } else {
            text.append(field.at(at));
        }
    }
    return text;
}

QSet<QByteArray> foldersWithMounts()
{
    QSet<QByteArray> folders;
    QFile mounts(QStringLiteral("/proc/self/mountinfo"));
    if (!mounts.open(QIODevice::ReadOnly))
        return folders;
    for (const QByteArray &line : mounts.readAll().split('\n')) {
        const QByteArray point = unescaped(line.split(' ').value(4));
        folders.insert(point.left(qMax<qsizetype>(point.lastIndexOf('/'), 1)));
    }
    return folders;
}

/// Opens \a relative below \a folder; never another mount, never through a link.
Descriptor openBelow(int folder, const QByteArray &relative)
{
    open_how how = {};
    how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    const char *name = relative.isEmpty() ? "." : relative.constData();
    return Descriptor(int(::syscall(SYS_openat2, folder, name, &how, sizeof how)));
}

QByteArray joined(const QByteArray &folder, const char *name)
{
    return folder.isEmpty() ? QByteArray(name) : folder + '/' + name;
}

} // namespace

FileRegistration::FileRegistration(FileTable &table, const ScanFeatures &features)
    : m_table(table)
    , m_features(features)
    , m_now(coarseNow())
    , m_lastPin(halfOfDescriptors() - 1)
    , m_pinsLeft(mostPins)
{
}

void FileRegistration::run(const QStringList &paths)
{
    m_table.m_entries.reserve(m_table.m_entries.size() + size_t(paths.size()));
    m_table.m_index.reserve(m_table.m_entries.size() + size_t(paths.size()));
    // Numbers of paths, not names: with 50,000 files, memory that is touched is most of the price.
    std::vector<std::vector<int>> folders;
    QHash<QStringView, int> known;
    QStringView last;
    int current = -1;
    bool mayPin = true;
    for (int number = 0; number < int(paths.size()); ++number) {
        const QString &path = paths.at(number);
        mayPin = mayPin && addPinned(path);
        if (mayPin)
            continue;
        const QStringView folder = QStringView(path).left(path.lastIndexOf(QLatin1Char('/')) + 1);
        if (current < 0 || folder != last) {
            const auto found = known.constFind(folder);
            current = found == known.cend() ? int(folders.size()) : *found;
            if (found == known.cend()) {
                known.insert(folder, current);
                folders.emplace_back();
            }
            last = folder;
        }
        folders[size_t(current)].push_back(number);
    }
    for (const std::vector<int> &wanted : folders)
        addFromFolder(paths, wanted);
}

/// False when there is no room for a pin, and nothing was added.
bool FileRegistration::addPinned(const QString &path)
{
    if (m_pinsLeft == 0)
        return false;
    auto pin = std::make_shared<const Descriptor>(
        ::open(QFile::encodeName(path).constData(), O_PATH | O_CLOEXEC));
    if (!pin->isValid())
        return errno != EMFILE && errno != ENFILE; // it is missing
    if (pin->get() > m_lastPin)
        return false;
    const auto facts = factsAt(pin->get(), "", m_features.cachedStatus);
    if (!facts)
        return true;
    enter(facts->identity, path, facts->isRegular);
    if (facts->isDirectory) {
        addFolder(path, pin->get()); // to others, a pin would be a use of it (Holdings)
        return true;
    }
    --m_pinsLeft;
    m_table.m_pins.push_back({facts->identity, std::move(pin)});
    return true;
}

void FileRegistration::addByName(int folder, const QByteArray &name, const QString &path)
{
    const auto facts =
        factsAt(folder, name.isEmpty() ? "." : name.constData(), m_features.cachedStatus);
    if (!facts)
        return;
    enter(facts->identity, path, facts->isRegular);
    if (facts->isDirectory)
        addFolder(
            path,
            Descriptor(::open(QFile::encodeName(path).constData(), O_PATH | O_CLOEXEC)).get());
}

void FileRegistration::addFromFolder(const QStringList &paths, const std::vector<int> &wanted)
{
    const QString &first = paths.at(wanted.front());
    const qsizetype folderLength = first.lastIndexOf(QLatin1Char('/')) + 1;
    const QByteArray folder = QFile::encodeName(first.left(folderLength));
    QString ends; // of the paths, each with a null: encoded together, that is half of the price
    for (const int number : wanted)
        ends.append(QStringView(paths.at(number)).mid(folderLength)).append(QChar::Null);
    const QByteArray names = QFile::encodeName(ends);
    std::vector<qsizetype> starts;
    starts.reserve(wanted.size());
    for (qsizetype at = 0; at < names.size(); at = names.indexOf('\0', at) + 1)
        starts.push_back(at);
    const auto nameOf = [&](size_t which) { return names.constData() + starts[which]; };

    const Descriptor open(::open(folder.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!open.isValid()) { // it may be one that can be passed, not listed
        for (size_t which = 0; which < wanted.size(); ++which)
            addByName(AT_FDCWD, folder + nameOf(which), paths.at(wanted[which]));
        return;
    }
    QHash<QByteArrayView, size_t> missing;
    missing.reserve(qsizetype(wanted.size()));
    for (size_t which = 0; which < wanted.size(); ++which)
        missing.insert(nameOf(which), which);
    if (wanted.size() >= worthAList && listsTrueNumbers(open.get())) {
        const auto self = factsAt(open.get(), "", m_features.cachedStatus);
        FolderReader reader(open.get());
        int left = longerThanWorth * int(wanted.size());
        while (const FolderReader::Entry *entry = reader.next()) {
            if (!self || missing.isEmpty() || --left < 0)
                break;
            const auto found =
                entry->type == DT_REG ? missing.constFind(entry->name) : missing.cend();
            if (found == missing.cend())
                continue;
            enter({self->identity.device, entry->inode}, paths.at(wanted[*found]), true);
            missing.erase(found);
        }
    }
    for (const size_t which : std::as_const(missing))
        addByName(open.get(), nameOf(which), paths.at(wanted[which]));
}

// A list of allowed ones: overlayfs, FUSE, NFS and their like may list numbers of their own.
bool FileRegistration::listsTrueNumbers(int folder)
{
    static constexpr std::array<long, 6> known{EXT4_SUPER_MAGIC,  xfsMagic,
                                               BTRFS_SUPER_MAGIC, TMPFS_MAGIC,
                                               F2FS_SUPER_MAGIC,  bcachefsMagic};
    struct statfs volume;
    if (::fstatfs(folder, &volume) != 0
        || std::find(known.begin(), known.end(), long(volume.f_type)) == known.end())
        return false;
    if (!m_foldersWithMounts)
        m_foldersWithMounts = foldersWithMounts();
    return !m_foldersWithMounts->contains(pathOf(folder));
}

void FileRegistration::addFolder(const QString &path, int descriptor)
{
    const QByteArray real = pathOf(descriptor);
    if (!real.startsWith('/'))
        return;
    const bool endsInSlash = path.endsWith(QLatin1Char('/'));
    m_table.m_folders.push_back({path, real, endsInSlash ? path : path + QLatin1Char('/'), {}});
    m_folder = int(m_table.m_folders.size()) - 1;
    const Descriptor top = openBelow(descriptor, {});
    m_below = 0;
    std::vector<QByteArray> toDo{{}};
    while (top.isValid() && !toDo.empty() && m_below < FileTable::mostBelow) {
        const QByteArray next = toDo.back();
        toDo.pop_back();
        addBelow(top.get(), next, toDo);
    }
    m_folder = -1;
}

void FileRegistration::addBelow(int top, const QByteArray &relative, std::vector<QByteArray> &toDo)
{
    const Descriptor folder = openBelow(top, relative);
    const auto self =
        folder.isValid() ? factsAt(folder.get(), "", m_features.cachedStatus) : std::nullopt;
    if (!self)
        return;
    const quint64 device = self->identity.device;
    FileTable::Folder &registered = m_table.m_folders[size_t(m_folder)];
    std::vector<quint64> &devices = registered.devices;
    if (std::find(devices.cbegin(), devices.cend(), device) == devices.cend())
        devices.push_back(device);

    const QString prefix = registered.prefix;
    if (!relative.isEmpty())
        enter(self->identity, prefix + QFile::decodeName(relative), false);
    const bool areTrue = listsTrueNumbers(folder.get());
    FolderReader reader(folder.get());
    while (const FolderReader::Entry *entry = reader.next()) {
        if (m_below++ >= FileTable::mostBelow)
            return;
        const QByteArray name = joined(relative, entry->name);
        const bool isKnown = areTrue && entry->type != DT_UNKNOWN;
        const auto facts = isKnown
                             ? std::nullopt
                             : factsOfLinkAt(folder.get(), entry->name, m_features.cachedStatus);
        if (isKnown ? entry->type == DT_DIR : facts && facts->isDirectory)
            toDo.push_back(name);
        else if (isKnown ? entry->type == DT_REG : facts && facts->isRegular)
            enter(isKnown ? FileIdentity{device, entry->inode} : facts->identity,
                  prefix + QFile::decodeName(name), true);
    }
}

void FileRegistration::enter(const FileIdentity &identity, const QString &path, bool isRegular)
{
    m_table.m_index.insert(identity, m_table.size());
    m_table.m_entries.push_back({identity, path, m_now, m_folder, isRegular});
}

} // namespace Entracte
