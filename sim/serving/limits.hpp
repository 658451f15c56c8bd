// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/quantity.hpp"

namespace tokenyard::serving {

// How much room in the KV cache a request must find to be admitted. With `full` it takes it all.
enum class Reserve : std::uint8_t { chunk, prompt, full };
inline constexpr std::array<std::string_view, 3> reserves = {"chunk", "prompt", "full"};

// What bounds a replica's batches and its memory.
struct Limits {
  std::int64_t sequences = 0;        // running at once
  Tokens batch_tokens;               // of one iteration; at least `sequences`
  Tokens block_size;                 // tokens a KV block holds
  Blocks blocks;                     // in the KV cache
  std::int64_t in_flight = 0;        // waiting + running at most; 0: no limit
  Reserve reserve = Reserve::chunk;  // full: prompt and all tokens that the client may get
};

}  // namespace tokenyard::serving
