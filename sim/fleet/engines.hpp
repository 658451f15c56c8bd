// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "serving/engine.hpp"
#include "serving/limits.hpp"

namespace tokenyard::fleet {

// The defaults of an engine that people run: what a pool's `engine` sets unless it says otherwise.
struct EnginePreset {
  std::string_view name;
  std::string_view follows;  // version, and where the simulation deviates
  std::string_view policy;
  std::int64_t sequences;
  Tokens batch_tokens;
  Tokens block_size;
  double memory_share;
  serving::Reserve reserve;
  serving::Scheduling scheduling;
  bool prefix_cache;
};

// A memory beside the accelerators of a replica that keeps what its prefix cache has no room for.
struct OffloadPlan {
  Bytes memory;
  BytesPerSecond bandwidth;
  Duration latency;
};

// A memory that all replicas of a pool share, below the tiers of each.
struct StorePlan {
  Bytes memory;
  std::string at;  // the cluster
  std::int64_t nodes = 1;
  std::uint32_t first_node = 0;  // of the platform
  bool shares_links = true;
};

// The one list of presets; the first is the one without a name: plain rules, nothing else.
std::span<const EnginePreset> engine_presets();

}  // namespace tokenyard::fleet
