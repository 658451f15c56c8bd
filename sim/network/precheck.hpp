// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "network/layout.hpp"
#include "network/platform_file.hpp"

namespace tokenyard::network {

// Nodes that one platform may have; also what keeps a mistyped radical from filling the memory.
inline constexpr std::size_t most_nodes = 200'000;

// Checks what shows without SimGrid, and reads which nodes stand where. Throws ConfigError with all
// mistakes of the file, at their places.
Layout precheck(const PlatformFile& source);

}  // namespace tokenyard::network
