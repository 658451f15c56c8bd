// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "network/wiring.hpp"

namespace tokenyard::network {

// Among what counts: the costs that SimGrid adds up and then latency, or latency first.
enum class Prefer : std::uint8_t { own_route, least_latency };

// Places to start from and to reach, and which routes there are.
struct PathQuestion {
  const std::vector<std::uint32_t>& from;
  const std::vector<std::uint32_t>& to;
  const std::vector<bool>& routes;
  Prefer prefer;
};

// The routes of the best way from any of the first places to any of the others; empty if there is
// none. By Dijkstra.
std::vector<std::uint32_t> least_path(const Wiring& wiring, const PathQuestion& question);

}  // namespace tokenyard::network
