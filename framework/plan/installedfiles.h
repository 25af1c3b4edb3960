// SPDX-License-Identifier: MIT
#pragma once

#include "plan/payloadentry.h"

#include <QList>

#include <initializer_list>

namespace Entracte {

/// One file the product owns, as its receipt records it.
struct InstalledFile
{
    /// As the receipt will record what is placed of \a entry, but for the time.
    static InstalledFile of(const PayloadEntry &entry);

    QByteArray sha256;  ///< 32 raw bytes; File only
    QString linkTarget; ///< SymbolicLink only
    qint64 size = 0;
    qint64 modified = 0; ///< when it was installed, nanoseconds since 1970; File only
    int mode = 0;
    EntryKind kind = EntryKind::File;
};

/// All of them, by path relative to the target: a sorted list, to be read like a QMap. There are
/// many and they come sorted, so it is one block of memory instead of a node each. Implicitly
/// shared.
class InstalledFiles
{
public:
    struct Item
    {
        QString path;
        InstalledFile file;
    };

    class const_iterator
    {
    public:
        const QString &key() const { return m_at->path; }
        const InstalledFile &operator*() const { return m_at->file; }
        const InstalledFile *operator->() const { return &m_at->file; }
        const_iterator &operator++()
        {
            ++m_at;
            return *this;
        }
        bool operator==(const const_iterator &) const = default;

    private:
        friend class InstalledFiles;
        explicit const_iterator(QList<Item>::const_iterator at)
            : m_at(at)
        {
        }
        QList<Item>::const_iterator m_at;
    };

    InstalledFiles() = default;
    InstalledFiles(std::initializer_list<Item> items);

    /// From items in any order; of two with one path, the later one counts.
    static InstalledFiles from(QList<Item> items);

    void insert(const QString &path, const InstalledFile &file);

    const_iterator constFind(QStringView path) const;
    bool contains(QStringView path) const { return constFind(path) != cend(); }
    InstalledFile value(QStringView path) const;
    InstalledFile operator[](QStringView path) const { return value(path); }
    QStringList keys() const;

    /// In the order of their paths.
    const Item &at(qsizetype number) const { return m_items.at(number); }

    qsizetype size() const { return m_items.size(); }
    bool isEmpty() const { return m_items.isEmpty(); }
    const_iterator cbegin() const { return const_iterator(m_items.cbegin()); }
    const_iterator cend() const { return const_iterator(m_items.cend()); }
    const_iterator begin() const { return cbegin(); }
    const_iterator end() const { return cend(); }
    const_iterator constEnd() const { return cend(); }

private:
    QList<Item> m_items; ///< sorted by path
};

} // namespace Entracte

Q_DECLARE_TYPEINFO(Entracte::InstalledFiles::Item, Q_RELOCATABLE_TYPE);
