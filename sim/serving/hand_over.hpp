// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tokenyard::serving {

// Which side of a disaggregated pair writes the first token.
enum class FirstToken : std::uint8_t {
  prefill,  // as it ends the prompt; the decode side goes on with the second
  decode    // reads the last prompt token again, as vLLM's connectors do
};

// What a replica that only reads prompts does with a request that is read.
struct HandOver {
  FirstToken first_token = FirstToken::decode;
  bool hold_kv = true;  // its blocks are free when the KV cache is delivered, not when it leaves
};

}  // namespace tokenyard::serving
