// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tokenyard::serving {

// Which side of a disaggregated pair writes the first token.
enum class FirstToken : std::uint8_t {
  prefill,  // as it ends the prompt; the decode side goes on with the second
  decode    // reads the last prompt token again, as vLLM's connectors do
};

// How a KV cache gets to the replica that answers.
enum class KvMove : std::uint8_t {
  push,      // once the prompt is read and there is room
  pull,      // once the prompt is read and the other side has room and a sequence free
  layerwise  // layer by layer while the prompt is read
};
inline constexpr std::array<std::string_view, 3> kv_moves = {"push", "pull", "layerwise"};

// Whether the replica that answers keeps blocks for what is on its way to it.
enum class Landing : std::uint8_t { reserved, unreserved };
inline constexpr std::array<std::string_view, 2> landings = {"reserved", "unreserved"};

// What a replica that only reads prompts does with a request that is read.
struct HandOver {
  FirstToken first_token = FirstToken::decode;
  bool hold_kv = true;  // its blocks are free when the KV cache is delivered, not when it leaves
  KvMove move = KvMove::push;
  Landing landing = Landing::unreserved;

  bool layerwise() const { return move == KvMove::layerwise; }
};

}  // namespace tokenyard::serving
