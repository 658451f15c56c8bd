// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <vector>

#include "fleet/accounting.hpp"
#include "fleet/recorder.hpp"
#include "fleet/scenario.hpp"
#include "fleet/simulation.hpp"

namespace tokenyard::fleet {

// Mean and nearest-rank quantiles, in seconds; NaN where there are no values.
struct LatencySummary {
  double mean = results::no_value;
  double p50 = results::no_value;
  double p90 = results::no_value;
  double p99 = results::no_value;
};

struct ClassSummary {
  std::string name;
  std::int64_t arrived = 0;  // after the warm-up
  std::int64_t attained = 0;
  double attainment = results::no_value;  // of those that arrived, less in_flight
  double goodput_per_s = 0;
  double wanted = 0.99;  // attainment asked for
  // What may miss the limits, 1 - wanted, is the error budget: the share of it that did. Infinite
  // where nothing may.
  double error_budget_used = results::no_value;
  double below_s = 0;          // of looks in which less than wanted met the limits
  double longest_below_s = 0;  // at a stretch: the time to recover
};

struct TenantSummary {
  std::string name;
  std::string_view tier;
  std::int64_t arrived = 0;  // after the warm-up
  std::array<std::int64_t, results::status_names.size()> by_status{};
  std::array<LatencySummary, latency_count> latency;  // quantiles within 1 %
  double attainment = results::no_value;
  double goodput_per_s = 0;
  double availability = results::no_value;  // share of those judged that were answered
  LatencySummary network;                   // of those with status ok, there and back
  // Of the whole run.
  Load load;
  std::int64_t prevented = 0;  // requests kept from pools that rules or residency forbid
  std::int64_t preemptions = 0;
  std::int64_t retries = 0;
  double prompt_tokens = 0;  // of requests with status ok
  double cached_tokens = 0;
  double output_tokens = 0;
};

struct PoolSummary {
  std::string name;
  std::int64_t replicas = 0;
  std::int64_t nodes = 0;
  double utilisation = 0;   // share of replica time with an iteration under way
  double kv_used_mean = 0;  // share of blocks, over the looks at the pool
  double kv_used_max = 0;
  LatencySummary gap;       // between tokens of a request
  LatencySummary transfer;  // from a hand-over to its delivery, of a pool that reads prompts
  double transfers = 0;
  double transferred_bytes = 0;
  double weights_bytes = 0;  // to replicas that began without
  double fetched_bytes = 0;  // from the store of prefixes
  double put_bytes = 0;      // to it
  double prompt_tokens = 0;  // read by the replicas, also anew after a preemption
  double output_tokens = 0;
  double prefix_tokens = 0;   // of the prompts admitted, each once, where there is a prefix cache
  double cached_tokens = 0;   // of these, found in it
  double padding_tokens = 0;  // computed for nothing, since shapes are static
  double cached_share() const { return cached_tokens / prefix_tokens; }  // NaN without a cache
  double busy_s = 0;                                                     // summed over replicas
  double reading_s = 0;  // of it, with an iteration that reads prompts
  WaferSummary wafer;    // of a wafer-scale one
  double paid_s = 0;     // of its replicas' nodes, summed over replicas
  double availability = 1;
  double failed_s = 0;  // replicas that had failed, until they served again
  double away_s = 0;    // for planned work
  std::int64_t failures = 0;
  std::int64_t recoveries = 0;
  double recovery_mean_s = results::no_value;
  double recovery_longest_s = 0;
  std::int64_t scaled = 0;         // replicas added and taken away
  std::int64_t serving_least = 0;  // over the looks at the pool
  std::int64_t serving_most = 0;
};

struct Summary {
  Totals totals;
  double measured_s = 0;  // simulated time after the warm-up
  std::array<LatencySummary, latency_count>
      latency;                   // of requests with status ok after the warm-up
  bool exact_quantiles = false;  // else within 1 %
  LatencySummary network;        // of these latencies, between clients and regions; within 1 %
  // Share of the requests that were answered, of those judged after the warm-up less rejected.
  double availability = results::no_value;
  LatencySummary gap;  // between tokens, over all pools; quantiles within 1 %
  std::vector<ClassSummary> classes;
  std::vector<TenantSummary> tenants;
  std::vector<PoolSummary> pools;
  std::int64_t preemptions = 0;
  double prompt_tokens_per_s = 0;  // of requests with status ok
  double output_tokens_per_s = 0;
  Accounts accounts;

  double energy_per_output_token_j() const {
    return accounts.total.output_tokens > 0 ? accounts.total.energy_j / accounts.total.output_tokens
                                            : results::no_value;
  }
};

inline constexpr std::array<double, 3> summary_quantiles = {0.5, 0.9, 0.99};

// `table` may be null; with it, finished and of all requests, quantiles are exact.
Summary summarise(const Scenario& scenario, const Recorder& recorder, const Totals& totals,
                  const results::RequestTable* table);

}  // namespace tokenyard::fleet
