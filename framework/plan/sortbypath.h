// SPDX-License-Identifier: MIT
#pragma once

#include <QList>
#include <QStringView>

#include <algorithm>
#include <future>
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

/// Merges the sorted runs of \a order, each of which begins at one of \a runs, the last of which is
/// the end.
template <typename ComesBefore>
void mergeRuns(std::vector<quint32> &order, std::vector<quint32> runs,
               const ComesBefore &comesBefore)
{
    while (runs.size() > 2) {
        std::vector<quint32> longer{runs.front()};
        for (size_t run = 0; run + 1 < runs.size(); run += 2) {
            const size_t next = std::min(run + 2, runs.size() - 1);
            std::inplace_merge(order.begin() + runs[run], order.begin() + runs[run + 1],
                               order.begin() + runs[next], comesBefore);
            longer.push_back(runs[next]);
        }
        runs = std::move(longer);
    }
}

/// Sorts what has a path by it; what has the same keeps its order. Fast for what comes in sorted
/// runs, as from several threads: the fewer, the faster. Of many, two threads take half each.
template <typename Item>
void sortByPath(QList<Item> &items)
{
    constexpr size_t many = 64;
    std::vector<QStringView> paths; // side by side, unlike the items
    paths.reserve(size_t(items.size()));
    for (const Item &item : std::as_const(items))
        paths.push_back(item.path);
    const auto comesBefore = [&paths](quint32 one, quint32 other) {
        return paths[one] < paths[other];
    };
    std::vector<quint32> runs{0}; // where each begins, and the end
    for (quint32 i = 1; i < paths.size(); ++i) {
        if (comesBefore(i, i - 1))
            runs.push_back(i);
    }
    if (runs.size() == 1)
        return;
    runs.push_back(quint32(items.size()));
    std::vector<quint32> order(size_t(items.size()));
    std::iota(order.begin(), order.end(), 0);
    if (runs.size() > many) {
        const auto middle = runs.begin() + qsizetype(runs.size() / 2);
        const std::vector<quint32> lower(runs.begin(), middle + 1);
        const std::future<void> merged =
            std::async(std::launch::async, [&] { mergeRuns(order, lower, comesBefore); });
        mergeRuns(order, {middle, runs.end()}, comesBefore);
        merged.wait();
        runs = {0, *middle, runs.back()};
    }
    mergeRuns(order, std::move(runs), comesBefore);
    rearrange(items, std::move(order));
}

} // namespace Entracte
