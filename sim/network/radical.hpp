// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tokenyard::network {

// The numbers of a cluster's nodes, as SimGrid writes them: "0-127", "0-3,5".
struct Radical {
  struct Range {
    std::uint32_t first;
    std::uint32_t last;  // included
  };
  std::vector<Range> ranges;
  std::uint64_t nodes = 0;
  std::string problem;  // "problem; what to do", empty if it was understood
};

Radical parse_radical(std::string_view text);

}  // namespace tokenyard::network
