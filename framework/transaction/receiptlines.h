// SPDX-License-Identifier: MIT
#pragma once

#include "plan/installedproduct.h"

#include <QByteArray>
#include <QString>

#include <vector>

namespace Entracte {

/// What a receipt will say of the files that Stagers write or keep: a line of the journal each,
/// gathered beside each other and brought together in order. Each Stager has one of its own; those
/// are taken into the one of the transaction.
///
/// The text lies in blocks, because a string a line would be most of the memory that an
/// installation of many small files touches for the first time.
class ReceiptLines
{
public:
    /// One line and whose it is.
    struct Line
    {
        QString path;
        QByteArrayView text; ///< lies in a block
    };

    ReceiptLines() = default;
    ReceiptLines(ReceiptLines &&) = default;
    ReceiptLines &operator=(ReceiptLines &&) = default;

    /// Says that the product owns \a file at \a path.
    void add(const QString &path, const InstalledFile &file);

    /// Sorts by path; to be called once all are added.
    void sort();

    /// Takes over what \a other has. Both are sorted.
    void take(ReceiptLines &&other);

    bool contains(const QString &path) const;
    void remove(const QString &path);

    const std::vector<Line> &lines() const { return m_lines; }

private:
    std::vector<Line>::const_iterator find(const QString &path) const;

    std::vector<QByteArray> m_blocks; ///< none grows beyond the room it began with
    std::vector<Line> m_lines;
};

} // namespace Entracte
