// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/quantity.hpp"

namespace tokenyard::serving {

// What bounds a replica's batches and its memory.
struct Limits {
  std::int64_t sequences = 0;        // running at once
  Tokens batch_tokens;               // of one iteration; at least `sequences`
  Tokens block_size;                 // tokens a KV block holds
  Blocks blocks;                     // in the KV cache
  std::int64_t in_flight = 0;        // waiting + running at most; 0: no limit
  bool reserve_full_prompt = false;  // admission tests the whole prompt, not its first chunk
};

}  // namespace tokenyard::serving
