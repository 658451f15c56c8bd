// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "model/affine.hpp"
#include "serving/batcher.hpp"
#include "serving/hand_over.hpp"

namespace tokenyard::commands {

// A replica as its config describes it.
struct ReplicaConfig {
  const serving::BatcherEntry* batcher = nullptr;
  serving::Limits limits;
  model::Affine::Input time;
};

// A decode replica beside it, and what lies between.
struct PairConfig {
  ReplicaConfig decode;
  serving::HandOver rules;
  double kv_bytes_per_token = 0;
  Duration latency;
  BytesPerSecond bandwidth;
  bool fair = false;
};

struct ReplayConfig {
  ReplicaConfig replica;
  std::optional<PairConfig> pair;
};

// Reads the JSON that sim/serving/SEMANTICS.md describes. Throws ConfigError with all mistakes.
ReplayConfig read_replay_config(const std::string& path);

}  // namespace tokenyard::commands
