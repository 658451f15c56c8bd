// SPDX-License-Identifier: Apache-2.0
#include "fleet/wafer_bounds.hpp"

#include <algorithm>

#include "fleet/recorder.hpp"
#include "fleet/scenario.hpp"

namespace tokenyard::fleet {
namespace {

// One replica, at the mean request of the run. `token`: the kind whose throughput is bounded.
struct Mean {
  double reads = 0;    // prompt tokens for each token
  double writes = 0;   // written ones for each token
  double context = 0;  // tokens that a request keeps
  double pairs = 0;    // for each token
  double held_s = 0;   // how long a slot is taken, for each token
  double moved = 0;    // bytes of KV caches through the ports of a wafer, for each token
};

// The nodes over which a transfer with others of `nodes` is striped.
double stripes(const PoolPlan& plan, std::int64_t nodes) {
  return static_cast<double>(std::min<std::int64_t>(plan.nodes_of(0).count, nodes));
}

// Bytes of KV caches through the ports of the busiest wafer of each replica, over all replicas, in
// the direction that has more.
double moved_bytes(const Scenario& scenario, std::size_t pool, const Recorder& recorder) {
  const PoolPlan& plan = scenario.pools[pool];
  const PoolTally& own = recorder.pools()[pool];
  double in = 0, out = 0;
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    const PoolPlan& other = scenario.pools[i];
    if (other.role != PoolRole::prefill || other.next_pool != pool) continue;
    in += recorder.pools()[i].transferred_bytes / stripes(plan, other.nodes_of(0).count);
  }
  if (plan.role == PoolRole::prefill) {
    const PoolPlan& to = scenario.pools[plan.next_pool];
    out += own.transferred_bytes / stripes(plan, to.nodes_of(0).count);
  }
  if (plan.store) {
    in += own.fetched_bytes / stripes(plan, plan.store->nodes);
    out += own.put_bytes / stripes(plan, plan.store->nodes);
  }
  return std::max(in, out);
}

Mean mean_of_writing(const Served& served, const WaferTotals& totals, const model::Wafer& time) {
  Mean mean;
  mean.writes = 1;
  mean.reads = totals.read / totals.written;
  mean.context = served.context / served.output;
  // Of prompts read elsewhere, only what had to be read again counts.
  const double here = served.prompt > 0 ? std::min(1.0, totals.read / served.prompt) : 0;
  mean.pairs = here * served.pairs / served.output;
  mean.held_s = time.latency().value();
  return mean;
}

Mean mean_of_reading(const Served& served, const model::Wafer& time) {
  Mean mean;
  mean.reads = 1;
  mean.context = served.prompt / served.requests;
  mean.pairs = served.pairs / served.prompt;
  mean.held_s = time.latency().value() / mean.context + time.prefill().time().value();
  return mean;
}

void fill_bounds(const PoolPlan& plan, const Mean& mean, WaferSummary& summary) {
  const model::Wafer time(plan.wafer->time);
  const auto replicas = static_cast<double>(plan.replicas);
  const double room = static_cast<double>((plan.room.block * plan.limits.blocks.value()).value());
  summary.context = mean.context;
  summary.slots = room / kv_bytes(plan, mean.context);
  const double compute_s =
      mean.writes * (time.decode().compute.value() + time.per_context().value() * mean.context) +
      mean.reads * time.prefill().compute.value() + time.per_pair().value() * mean.pairs;
  summary.compute_per_s = replicas / compute_s;
  summary.sram_per_s = replicas * summary.slots / mean.held_s;
  summary.sequences_per_s = replicas * static_cast<double>(plan.limits.sequences) / mean.held_s;
  const double port_s = (mean.reads + mean.writes) * time.port_bytes() / plan.wafer->ports.value();
  const double kv_s = mean.moved / plan.wafer->kv_ports.value();
  summary.ports_per_s = replicas / std::max(port_s, kv_s);
}

WaferBound lowest(const WaferSummary& s) {
  const double values[] = {s.compute_per_s, s.sram_per_s, s.ports_per_s, s.sequences_per_s};
  const auto least = std::min_element(std::begin(values), std::end(values)) - std::begin(values);
  return static_cast<WaferBound>(least + 1);
}

}  // namespace

double WaferSummary::ceiling_per_s() const {
  return std::min({compute_per_s, sram_per_s, ports_per_s, sequences_per_s});
}

void Served::add(const results::RequestRecord& record) {
  if (record.output <= Tokens(0)) return;
  const auto all = static_cast<double>(record.prompt.value());
  const auto cached = static_cast<double>(record.cached.value());
  const auto tokens = static_cast<double>(record.output.value());
  ++requests;
  prompt += all;
  output += tokens;
  context += tokens * (all + tokens / 2);
  pairs += (all * (all + 1) - cached * (cached + 1)) / 2;
}

WaferSummary summarise_wafers(const Scenario& scenario, std::size_t pool, const Recorder& recorder,
                              const WaferTotals& totals) {
  const PoolPlan& plan = scenario.pools[pool];
  WaferSummary summary;
  if (!plan.wafer) return summary;
  const bool reads = plan.role == PoolRole::prefill;
  const double tokens = reads ? totals.read : totals.written;
  // Requests end where they are answered.
  const Served& served = recorder.pools()[reads ? plan.next_pool : pool].served;
  if (tokens <= 0 || served.output <= 0 || totals.seconds <= 0) return summary;
  const model::Wafer time(plan.wafer->time);
  Mean mean = reads ? mean_of_reading(served, time) : mean_of_writing(served, totals, time);
  mean.moved = moved_bytes(scenario, pool, recorder) / tokens;
  fill_bounds(plan, mean, summary);
  summary.achieved_per_s = tokens / totals.seconds;
  summary.bound = lowest(summary);
  const double issues =
      totals.written * time.decode().time().value() + totals.read * time.prefill().time().value();
  summary.pipeline_used = issues / totals.busy_s;
  return summary;
}

}  // namespace tokenyard::fleet
