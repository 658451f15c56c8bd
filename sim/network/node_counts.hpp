// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "network/platform_file.hpp"

namespace tokenyard::network {

// How many nodes a cluster is to have in place of the file's.
struct NodeCount {
  std::string cluster;  // flat, and of the file
  std::uint64_t nodes;
};

// Rewrites `radical` in a text that precheck found without mistakes. A backbone, or a link of the
// cluster's routes inside its region, that is nodes x bw stays so; any other keeps its value.
// Everything else stays where it is, so that lines are those of the file.
void set_nodes(PlatformFile& source, std::span<const NodeCount> counts);

}  // namespace tokenyard::network
