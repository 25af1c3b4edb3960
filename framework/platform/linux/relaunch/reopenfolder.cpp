// SPDX-License-Identifier: MIT
#include "platform/linux/relaunch/reopenfolder.h"

#include "platform/linux/privatecopy.h"
#include "platform/unix/filecopy.h"
#include "platform/unix/folderreader.h"

#include <QFile>
#include <QUuid>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace Entracte {

static constexpr char suffix[] = ".record";

/// Random digits and nothing else: it becomes part of names.
static bool isId(const QByteArray &id)
{
    return id.size() == 32 && std::all_of(id.cbegin(), id.cend(), [](char letter) {
               return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f');
           });
}

bool writePrivateFile(int folder, const QByteArray &name, const QByteArray &bytes, int mode)
{
    const Descriptor file(openat(folder, name.constData(),
                                 O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!file.isValid())
        return false;
    const int problem = writeAll(file.get(), bytes.constData(), size_t(bytes.size()));
    if (problem != 0) {
        unlinkat(folder, name.constData(), 0);
        errno = problem;
    }
    return problem == 0;
}

ReopenFolder::ReopenFolder(const QByteArray &path)
    : m_path(path)
    , m_folder(::open(path.constData(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))
{
    struct stat status;
    if (!m_folder.isValid() || fstat(m_folder.get(), &status) != 0)
        return;
    if (status.st_uid != geteuid() || (status.st_mode & 077) != 0) {
        m_folder = Descriptor();
        errno = EPERM;
    }
}

QByteArray ReopenFolder::newId()
{
    return QUuid::createUuid().toByteArray(QUuid::Id128);
}

QList<QByteArray> ReopenFolder::ids() const
{
    QList<QByteArray> ids;
    lseek(m_folder.get(), 0, SEEK_SET);
    FolderReader names(m_folder.get());
    while (const FolderReader::Entry *entry = names.next()) {
        const QByteArray name(entry->name);
        if (name.endsWith(suffix) && isId(name.chopped(sizeof suffix - 1)))
            ids.append(name.chopped(sizeof suffix - 1));
    }
    return ids;
}

std::optional<ReopenRecord> ReopenFolder::read(const QByteArray &id) const
{
    if (!isId(id))
        return std::nullopt;
    const Descriptor file(openat(m_folder.get(), (id + suffix).constData(),
                                 O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status;
    if (!file.isValid() || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)
        || status.st_uid != geteuid() || (status.st_mode & 077) != 0 || status.st_nlink > 1
        || status.st_size > ReopenRecord::longest)
        return std::nullopt;
    QFile reader;
    if (!reader.open(file.get(), QIODevice::ReadOnly))
        return std::nullopt;
    return ReopenRecord::fromBytes(reader.read(ReopenRecord::longest));
}

bool ReopenFolder::write(const QByteArray &id, const ReopenRecord &record) const
{
    const QByteArray bytes = record.toBytes();
    if (bytes.size() > ReopenRecord::longest) {
        errno = E2BIG;
        return false;
    }
    return writePrivateFile(m_folder.get(), id + suffix, bytes);
}

bool ReopenFolder::writeCopy() const
{
    const QByteArray draft = newId();
    if (!writePrivateFile(m_folder.get(), draft, {}, 0700))
        return false;
    const Descriptor copy(
        openat(m_folder.get(), draft.constData(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
    if (copyExecutable(copy)
        && renameat(m_folder.get(), draft.constData(), m_folder.get(), copyName) == 0)
        return true;
    const int problem = errno;
    unlinkat(m_folder.get(), draft.constData(), 0);
    errno = problem;
    return false;
}

bool ReopenFolder::take(const QByteArray &id) const
{
    return isId(id) && unlinkat(m_folder.get(), (id + suffix).constData(), 0) == 0;
}

void ReopenFolder::tidyUp() const
{
    if (!ids().isEmpty())
        return;
    unlinkat(m_folder.get(), copyName, 0);
    rmdir(m_path.constData());
}

} // namespace Entracte
