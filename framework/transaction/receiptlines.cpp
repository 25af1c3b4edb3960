// SPDX-License-Identifier: MIT
#include "transaction/receiptlines.h"

#include "transaction/journal.h"

#include <algorithm>

namespace Entracte {

void ReceiptLines::add(const QString &path, const InstalledFile &file)
{
    constexpr qsizetype blockSize = 64 * 1024;
    const qsizetype most = Journal::longestLine(path, file);
    if (m_blocks.empty() || m_blocks.back().capacity() - m_blocks.back().size() < most)
        m_blocks.emplace_back().reserve(std::max(blockSize, most));
    QByteArray &block = m_blocks.back();
    const qsizetype begin = block.size();
    Journal::appendLine(block, path, file);
    m_lines.push_back({path, QByteArrayView(block).sliced(begin)});
}

void ReceiptLines::sort()
{
    // Mostly they come in order.
    if (!std::is_sorted(m_lines.begin(), m_lines.end(), comesBefore))
        std::sort(m_lines.begin(), m_lines.end(), comesBefore);
}

Result<> ReceiptLines::merge(const std::vector<ReceiptLines> &parts, const Sink &sink)
{
    struct Rest
    {
        std::deque<Line>::const_iterator next;
        std::deque<Line>::const_iterator end;
    };
    std::vector<Rest> rests; // a heap: the first has the first line
    for (const ReceiptLines &part : parts) {
        if (!part.m_lines.empty())
            rests.push_back({part.m_lines.begin(), part.m_lines.end()});
    }
    const auto comesAfter = [](const Rest &one, const Rest &other) {
        return comesBefore(*other.next, *one.next);
    };
    std::make_heap(rests.begin(), rests.end(), comesAfter);
    while (!rests.empty()) {
        std::pop_heap(rests.begin(), rests.end(), comesAfter);
        Rest &first = rests.back();
        if (const Result<> taken = sink(first.next->path, first.next->text); !taken)
            return taken;
        if (++first.next == first.end)
            rests.pop_back();
        else
            std::push_heap(rests.begin(), rests.end(), comesAfter);
    }
    return {};
}

} // namespace Entracte
