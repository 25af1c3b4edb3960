// SPDX-License-Identifier: MIT
#include "platform/unix/openfolders.h"

#include <QFile>
#include <QStringEncoder>

#include <cerrno>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace Entracte {

static constexpr size_t mostHeld = 8; // descriptors are few, and payloads may be deep

/// The same, component by component: for a system that does not know openat2, or forbids it.
static int openStepwise(int root, const QByteArray &path)
{
    Descriptor at(::fcntl(root, F_DUPFD_CLOEXEC, 0));
    const QList<QByteArray> names = path.split('/');
    for (const QByteArray &name : names) {
        if (name == "..") {
            errno = EXDEV;
            return -1;
        }
        at = Descriptor(
            ::openat(at.get(), name.constData(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!at.isValid())
            return -1;
    }
    return at.release();
}

int openBelow(int root, const QByteArray &path)
{
    if (path.isEmpty())
        return ::openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    open_how how = {};
    how.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    const int opened = int(::syscall(SYS_openat2, root, path.constData(), &how, sizeof how));
    if (opened >= 0 || (errno != ENOSYS && errno != EPERM))
        return opened;
    return openStepwise(root, path);
}

Place::Place(const QString &path)
{
    QStringEncoder encoder(QStringEncoder::System,
                           QStringEncoder::Flag::Stateless); // as QFile does
    m_path.resize(encoder.requiredSpace(path.size()) + 1);
    char *end = encoder.appendToBuffer(m_path.data(), path);
    *end = 0;
    m_path.resize(end - m_path.data() + 1);
    m_name = QByteArrayView(m_path).lastIndexOf('/') + 1;
}

QByteArrayView Place::parent() const
{
    return QByteArrayView(m_path).first(qMax<qsizetype>(m_name - 1, 0));
}

static bool isInside(QByteArrayView path, QByteArrayView folder)
{
    return path.size() > folder.size() && path[folder.size()] == '/' && path.startsWith(folder);
}

int OpenFolders::opened(int root, QByteArrayView path)
{
    while (!m_chain.empty() && m_chain.back().path != path && !isInside(path, m_chain.back().path))
        m_chain.pop_back();
    if (!m_chain.empty() && m_chain.back().path == path)
        return m_chain.back().folder.get();

    const int from = m_chain.empty() ? root : m_chain.back().folder.get();
    const qsizetype known = m_chain.empty() ? 0 : m_chain.back().path.size() + 1;
    Descriptor folder(openBelow(from, path.sliced(known).toByteArray()));
    if (!folder.isValid())
        return -1;
    if (m_chain.size() == mostHeld)
        m_chain.erase(m_chain.begin());
    return m_chain.emplace_back(path.toByteArray(), std::move(folder)).folder.get();
}

} // namespace Entracte
