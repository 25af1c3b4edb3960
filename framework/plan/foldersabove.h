// SPDX-License-Identifier: MIT
#pragma once

#include <QSet>
#include <QString>

namespace Entracte {

/// Collects the folders that paths lie in, the outer ones too. One after the other they may come in
/// any order; it is fast where many follow each other from one folder.
class FoldersAbove
{
public:
    /// All that are above \a path.
    void add(const QString &path);

    /// The folder \a path itself, too.
    void addFolder(const QString &path);

    const QSet<QString> &folders() const { return m_folders; }

private:
    QSet<QString> m_folders; ///< with each, those above it
    QString m_last;
};

} // namespace Entracte
