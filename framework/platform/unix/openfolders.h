// SPDX-License-Identifier: MIT
#pragma once

#include "platform/unix/descriptor.h"

#include <QByteArray>
#include <QString>
#include <QVarLengthArray>

#include <vector>

namespace Entracte {

/// Opens the directory \a path below the open \a root, never through a link and never out of it; ""
/// is the root itself. -1 with errno set.
int openBelow(int root, const QByteArray &path);

/// A name in an open directory, good for one system call.
class Place
{
public:
    /// Of a relative path; the directory is found by whoever makes it.
    explicit Place(const QString &path);

    QByteArrayView parent() const; ///< of the path, "" if it has none
    const char *name() const { return m_path.constData() + m_name; }

    int directory = -1; ///< the parent, open; -1 with errno set if it cannot be

private:
    QVarLengthArray<char, 256> m_path; ///< as the system writes it, with a zero at its end
    qsizetype m_name = 0;              ///< where the name begins
};

/// The folder that was used last and some of those it lies in, held open: paths come in order, and
/// after what is in a subfolder comes more of the folder itself.
class OpenFolders
{
public:
    /// \a path below \a root, which is always the same one. -1 with errno set.
    int opened(int root, QByteArrayView path);

    /// To be called when one of them may not be any more what its path leads to.
    void forget() { m_chain.clear(); }

private:
    struct Link
    {
        QByteArray path;
        Descriptor folder;
    };
    std::vector<Link> m_chain; ///< each lies in the one before it
};

} // namespace Entracte
