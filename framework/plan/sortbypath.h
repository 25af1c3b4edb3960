// SPDX-License-Identifier: MIT
#pragma once

#include <QList>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace Entracte {

/// Brings \a items, which are large, into \a order, which says where each comes from: each is moved
/// once.
template <typename Item>
void rearrange(QList<Item> &items, std::vector<quint32> order)
{
    for (quint32 begin = 0; begin < order.size(); ++begin) {
        if (order[begin] == begin)
            continue;
        Item first = std::move(items[begin]);
        quint32 to = begin;
        for (quint32 from = order[to]; from != begin; from = order[to]) {
            items[to] = std::move(items[from]);
            order[to] = to;
            to = from;
        }
        items[to] = std::move(first);
        order[to] = to;
    }
}

/// Sorts what has a path by it; what has the same keeps its order. Fast for what comes in sorted
/// runs, as from several threads: the fewer, the faster.
template <typename Item>
void sortByPath(QList<Item> &items)
{
    const auto comesBefore = [&items](qsizetype one, qsizetype other) {
        return items.at(one).path < items.at(other).path;
    };
    std::vector<quint32> runs{0}; // where each begins, and the end
    for (qsizetype i = 1; i < items.size(); ++i) {
        if (comesBefore(i, i - 1))
            runs.push_back(quint32(i));
    }
    if (runs.size() == 1)
        return;
    runs.push_back(quint32(items.size()));
    std::vector<quint32> order(size_t(items.size()));
    std::iota(order.begin(), order.end(), 0);
    while (runs.size() > 2) {
        std::vector<quint32> longer{0};
        for (size_t run = 0; run + 1 < runs.size(); run += 2) {
            const size_t next = std::min(run + 2, runs.size() - 1);
            std::inplace_merge(order.begin() + runs[run], order.begin() + runs[run + 1],
                               order.begin() + runs[next], comesBefore);
            longer.push_back(runs[next]);
        }
        runs = std::move(longer);
    }
    rearrange(items, std::move(order));
}

} // namespace Entracte
