// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sweep/manifest.hpp"

namespace tokenyard::sweep {

// A part of a sweep, for one of several machines; by itself the whole. A point's replications stay
// together. Two shards may have points of one identity: both simulate it then, into one file.
struct Shard {
  std::uint64_t number = 1;
  std::uint64_t of = 1;

  bool has(const Run& run) const { return run.point % of == number - 1; }
};

}  // namespace tokenyard::sweep
