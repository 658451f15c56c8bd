// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/quantity.hpp"
#include "serving/kv_layout.hpp"
#include "serving/speculation.hpp"
#include "serving/static_shapes.hpp"

namespace tokenyard::serving {

// Who is admitted first, and preempted last.
enum class Order : std::uint8_t { arrival, priority };
inline constexpr std::array<std::string_view, 2> orders = {"arrival", "priority"};

// Whether a batch is decided when the one before has ended, or while it runs.
enum class Scheduling : std::uint8_t { sync, async };
inline constexpr std::array<std::string_view, 2> schedulings = {"sync", "async"};

// Where the KV cache of a preempted request goes that is not computed anew.
struct Swap {
  Bytes capacity;            // of the host memory set aside, for one replica
  Bytes block;               // of a KV block
  BytesPerSecond bandwidth;  // between host and accelerators, each way
};

// Where the content of blocks goes that have to make room in the KV cache: a memory of one replica,
// from which it is read again in place of being computed.
struct OffloadTier {
  Blocks capacity;
  Duration block;    // to read one of the blocks that prefixes are kept in
  Duration latency;  // of each request that reads
};

// What an engine does beside the plain rules of a batcher: all of it off by default.
struct Engine {
  bool prefix_cache = false;
  std::vector<OffloadTier> offload{};  // below the prefix cache, in the order they are asked
  Tokens long_prompt{0};               // most tokens of one prompt in an iteration; 0: no limit
  Order order = Order::arrival;
  Scheduling scheduling = Scheduling::sync;
  Duration hidden{0};  // of each iteration, if scheduling is async: the host's time
  KvLayout kv{};
  std::optional<Swap> swap{};
  std::optional<Speculation> speculation{};
  std::optional<StaticShapes> shapes{};
  std::int64_t ranks = 1;   // with a queue and a KV cache each, that iterate together
  std::int64_t stages = 1;  // of a pipeline, with a micro-batch under way for each

  // Whether the batcher's rules are all there is.
  bool plain() const {
    return !prefix_cache && offload.empty() && long_prompt == Tokens(0) &&
           order == Order::arrival && scheduling == Scheduling::sync && kv.plain() && !swap &&
           !speculation && !shapes && ranks == 1 && stages == 1;
  }
};

// The rules of the batcher and nothing else.
inline const Engine plain_engine{};

}  // namespace tokenyard::serving
