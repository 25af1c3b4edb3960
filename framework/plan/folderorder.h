// SPDX-License-Identifier: MIT
#pragma once

#include "plan/relativepath.h"

#include <numeric>
#include <vector>

namespace Entracte {

/// The order in which to go through \a count sorted paths so that what lies in one folder follows
/// each other: who looks at one after the other then opens each folder once. (Sorted alone, the
/// paths in a folder stand around those in the folders in it.) \a pathAt(number) is a QString that
/// stays.
template <typename PathAt>
std::vector<quint32> folderOrder(size_t count, const PathAt &pathAt)
{
    struct Around
    {
        QStringView path;
        quint32 number;
    };
    const auto isInside = [](QStringView path, QStringView folder) {
        return folder.isEmpty()
            || (path.startsWith(folder)
                && (path.size() == folder.size() || path[folder.size()] == u'/'));
    };
    std::vector<Around> around; // the outermost first
    std::vector<quint32> places{0};
    std::vector<quint32> folders(count);
    for (size_t number = 0; number < count; ++number) {
        const QStringView folder = parentView(pathAt(number));
        while (!around.empty() && !isInside(folder, around.back().path))
            around.pop_back();
        if (around.empty() || around.back().path != folder) {
            around.push_back({folder, quint32(places.size() - 1)});
            places.push_back(0);
        }
        folders[number] = around.back().number;
        ++places[folders[number] + 1];
    }
    std::partial_sum(places.begin(), places.end(), places.begin());
    std::vector<quint32> order(count);
    for (size_t number = 0; number < count; ++number)
        order[places[folders[number]]++] = quint32(number);
    return order;
}

} // namespace Entracte
