// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <vector>

#include "fleet/scenario.hpp"
#include "fleet/simulation.hpp"
#include "fleet/stop_rule.hpp"
#include "fleet/trace_log.hpp"
#include "fleet/wafer_bounds.hpp"
#include "results/histogram.hpp"
#include "results/request_table.hpp"

namespace tokenyard::fleet {

inline constexpr std::size_t latency_count = 3;  // of results::Latency

// What is measured of one tenant's requests.
struct TenantTally {
  // Of those that arrived after the warm-up.
  std::int64_t arrived = 0;
  std::array<std::int64_t, results::status_names.size()> by_status{};
  std::int64_t attained = 0;                                 // met all limits
  std::array<results::LogHistogram, latency_count> latency;  // of requests with status ok
  results::LogHistogram network;                             // s, of the same, there and back
  // Of all.
  std::int64_t preemptions = 0;
  std::int64_t retries = 0;
  Tokens prompt_served;  // of requests with status ok
  Tokens cached_served;
  Tokens output_served;
};

// What a pool's replicas did that is counted one by one.
struct PoolTally {
  results::LogHistogram gaps;      // s between tokens of a request, written after the warm-up
  results::LogHistogram transfer;  // s from a hand-over to its delivery, by the pool that read
  double transferred_bytes = 0;
  double fetched_bytes = 0;  // from the store of prefixes
  double put_bytes = 0;      // to it
  double weights_bytes = 0;  // to replicas that began without
  Served served;             // requests that ended there, of a pool of wafers
};

// How long a class of requests missed what was agreed, from one look to the next.
struct ClassTally {
  std::int64_t judged = 0;  // since the look before
  std::int64_t met = 0;     // of these, within all limits
  Duration below;           // in which the share that met them was below what is wanted
  Duration longest_below;   // at a stretch
  Duration stretch;         // that lasts still
};

// The pools at one date. Rates are over the time since the row before.
struct SeriesRow {
  double time_s;
  std::vector<PoolCounts> pools;
};

// Writes down what happens in a run: tallies, the pools' series, and the request table if asked.
class Recorder final : public Observer {
 public:
  // `table` and `trace` may be null. All outlive the recorder.
  Recorder(const Scenario& scenario, results::RequestTable* table, TraceLog* trace);

  void ended(const results::RequestRecord& record, Instant now) override;
  void transferred(const KvTransfer& transfer, Instant now) override;
  void observed(Instant now, const std::vector<PoolCounts>& pools) override;
  void progress(Instant now, std::int64_t requests) override {
    if (on_progress) on_progress(now, requests);
  }

  const std::vector<TenantTally>& tenants() const { return tenants_; }
  const std::vector<PoolTally>& pools() const { return pools_; }
  const std::vector<ClassTally>& classes() const { return classes_; }
  // Where the simulation counts the gaps between tokens of a pool.
  serving::TokenGaps::Input gaps_of(std::size_t pool) {
    return {&pools_[pool].gaps, scenario_->warm_up};
  }
  const std::vector<SeriesRow>& series() const { return series_; }

  bool has_enough() const override { return has_enough_; }

  std::function<void(Instant, std::int64_t)> on_progress;
  StopRule* stop_rule = nullptr;  // none: the run goes on to its end

 private:
  void judge_classes(Instant now);

  const Scenario* scenario_;
  results::RequestTable* table_;
  TraceLog* trace_;
  std::vector<TenantTally> tenants_;
  std::vector<PoolTally> pools_;     // as the scenario's
  std::vector<ClassTally> classes_;  // likewise
  Instant looked_;                   // at the classes
  std::vector<SeriesRow> series_;
  bool has_enough_ = false;
};

}  // namespace tokenyard::fleet
