// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "config/errors.hpp"
#include "network/layout.hpp"
#include "network/platform_file.hpp"

namespace tokenyard::network {

// Nodes that one platform may have; also what keeps a mistyped radical from filling the memory.
inline constexpr std::size_t most_nodes = 200'000;

// Checks what shows without SimGrid, and reads which nodes stand where. All mistakes of the file
// are noted, at their places; the layout counts only if there is none.
Layout precheck(const PlatformFile& source, config::Mistakes& mistakes);

}  // namespace tokenyard::network
