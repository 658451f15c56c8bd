// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "core/quantity.hpp"

namespace tokenyard::serving {

// The stages of a pipeline: each takes an equal part of an iteration, and one micro-batch at a
// time.
class Pipeline {
 public:
  explicit Pipeline(std::int64_t stages) : free_(static_cast<std::size_t>(stages)) {}

  // A micro-batch comes to the first stage at `now`, behind all that came before. Returns when it
  // leaves the last.
  Instant pass(Instant now, Duration iteration) {
    const Duration part = iteration / static_cast<double>(free_.size());
    Instant date = now;
    for (Instant& free : free_) date = free = std::max(date, free) + part;
    return date;
  }

 private:
  std::vector<Instant> free_;  // by stage, from when on
};

}  // namespace tokenyard::serving
