// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace tokenyard::serving {

// The sizes that an accelerator's programs were compiled for, each list rising; an iteration runs
// the next larger one. An empty list: any size. Above the largest, multiples of it.
struct StaticShapes {
  std::vector<std::int64_t> prompt;     // tokens of one prompt, or of a chunk
  std::vector<std::int64_t> sequences;  // that decode
  std::vector<std::int64_t> context;    // of all that decode: the bucket of the longest

  static std::int64_t padded(const std::vector<std::int64_t>& buckets, std::int64_t size);
};

}  // namespace tokenyard::serving
