// SPDX-License-Identifier: MIT
#pragma once

#include "restart/affectedapplication.h"

#include <algorithm>
#include <array>

namespace Entracte {

/// The order of closing (spec 3.3); bringing back goes the other way. Programs of no known kind
/// come after those with windows, because only force closes them.
inline constexpr std::array closingOrder{
    ApplicationType::MainWindow, ApplicationType::OtherWindow, ApplicationType::Unknown,
    ApplicationType::Console,    ApplicationType::Service,     ApplicationType::Shell,
    ApplicationType::Critical,
};

/// Windows of both kinds are asked together; every other kind is a class of its own.
inline int classOf(ApplicationType type)
{
    const auto place = std::find(closingOrder.cbegin(), closingOrder.cend(), type);
    return std::max(1, int(std::distance(closingOrder.cbegin(), place)));
}

} // namespace Entracte
