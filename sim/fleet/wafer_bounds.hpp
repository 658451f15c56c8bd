// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "results/record.hpp"

namespace tokenyard::fleet {

class Recorder;
struct Scenario;

// What ends the throughput of a wafer-scale pool. `none`: it is no such pool, or nothing ran.
enum class WaferBound : std::uint8_t { none, compute, sram, ports, sequences };
inline constexpr std::array<std::string_view, 5> wafer_bounds = {"none", "compute", "SRAM", "ports",
                                                                 "sequences"};

// Ceilings of a wafer-scale pool's throughput at the mean request of a run, in tokens a second:
// of tokens written, or, where prompts are read for another pool, of tokens read.
struct WaferSummary {
  double context = results::no_value;  // tokens of which a request keeps the KV cache
  double slots = results::no_value;    // such requests that the SRAM of a replica holds
  double compute_per_s = results::no_value;
  double sram_per_s = results::no_value;
  double ports_per_s = results::no_value;
  double sequences_per_s = results::no_value;  // as SRAM, if slots were batching.sequences
  double achieved_per_s = results::no_value;
  WaferBound bound = WaferBound::none;  // the lowest
  // Share of the time with an iteration under way in which the pipeline took tokens: their issue
  // times. The rest it ran in part empty.
  double pipeline_used = results::no_value;

  double ceiling_per_s() const;
};

// What the requests that ended in a pool were like.
struct Served {
  double requests = 0;
  double prompt = 0;   // tokens
  double output = 0;   // tokens written
  double context = 0;  // summed over tokens written
  double pairs = 0;    // of queries and keys of the prompts, less those found in a cache

  void add(const results::RequestRecord& record);
};

// What the replicas of the pool did in all.
struct WaferTotals {
  double read = 0;     // tokens
  double written = 0;  // tokens
  double seconds = 0;  // of the run
  double busy_s = 0;   // with an iteration under way, over all replicas
};

WaferSummary summarise_wafers(const Scenario& scenario, std::size_t pool, const Recorder& recorder,
                              const WaferTotals& totals);

}  // namespace tokenyard::fleet
