// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "plan/installedproduct.h"

#include <QByteArray>
#include <QString>

#include <deque>
#include <functional>
#include <vector>

namespace Entracte {

/// What a receipt will say of the files that one Stager writes or keeps: a line of the journal
/// each.
///
/// The text lies in blocks, and nothing that is added moves afterwards: a string a line, or a list
/// that grows, would be most of the memory that an installation of many small files touches for
/// the first time.
class ReceiptLines
{
public:
    ReceiptLines() = default;
    ReceiptLines(ReceiptLines &&) = default;
    ReceiptLines &operator=(ReceiptLines &&) = default;

    /// Says that the product owns \a file at \a path.
    void add(const QString &path, const InstalledFile &file);

    /// Sorts by path; to be called once all are added.
    void sort();

    using Sink = std::function<Result<>(const QString &path, QByteArrayView line)>;

    /// Hands the lines of all \a parts, which are sorted, to \a sink in the order of their paths,
    /// until it returns an error.
    static Result<> merge(const std::vector<ReceiptLines> &parts, const Sink &sink);

private:
    struct Line
    {
        QString path;
        QByteArrayView text; ///< lies in a block
    };
    static bool comesBefore(const Line &one, const Line &other) { return one.path < other.path; }

    std::deque<QByteArray> m_blocks; ///< none grows beyond the room it began with
    std::deque<Line> m_lines;
};

} // namespace Entracte
