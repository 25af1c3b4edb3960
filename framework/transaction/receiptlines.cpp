// SPDX-License-Identifier: MIT
#include "transaction/receiptlines.h"

#include "transaction/journal.h"

#include <algorithm>
#include <iterator>

namespace Entracte {

static constexpr qsizetype blockSize = 64 * 1024;

static bool comesBefore(const ReceiptLines::Line &one, const ReceiptLines::Line &other)
{
    return one.path < other.path;
}

void ReceiptLines::add(const QString &path, const InstalledFile &file)
{
    const QByteArray line = Journal::lineFor(path, file);
    if (m_blocks.empty() || m_blocks.back().capacity() - m_blocks.back().size() < line.size()) {
        QByteArray &made = m_blocks.emplace_back();
        made.reserve(std::max(blockSize, line.size()));
    }
    QByteArray &block = m_blocks.back();
    const qsizetype begin = block.size();
    block += line;
    m_lines.push_back({path, QByteArrayView(block).sliced(begin)});
}

void ReceiptLines::sort()
{
    // Mostly they come in order.
    if (!std::is_sorted(m_lines.begin(), m_lines.end(), comesBefore))
        std::sort(m_lines.begin(), m_lines.end(), comesBefore);
}

void ReceiptLines::take(ReceiptLines &&other)
{
    m_blocks.insert(m_blocks.end(), std::make_move_iterator(other.m_blocks.begin()),
                    std::make_move_iterator(other.m_blocks.end()));
    if (m_lines.empty()) {
        m_lines = std::move(other.m_lines);
        return;
    }
    const auto middle =
        m_lines.insert(m_lines.end(), std::make_move_iterator(other.m_lines.begin()),
                       std::make_move_iterator(other.m_lines.end()));
    std::inplace_merge(m_lines.begin(), middle, m_lines.end(), comesBefore);
}

std::vector<ReceiptLines::Line>::const_iterator ReceiptLines::find(const QString &path) const
{
    const auto found =
        std::lower_bound(m_lines.begin(), m_lines.end(), Line{path, {}}, comesBefore);
    return found != m_lines.end() && found->path == path ? found : m_lines.end();
}

bool ReceiptLines::contains(const QString &path) const
{
    return find(path) != m_lines.end();
}

void ReceiptLines::remove(const QString &path)
{
    if (const auto found = find(path); found != m_lines.end())
        m_lines.erase(found);
}

} // namespace Entracte
