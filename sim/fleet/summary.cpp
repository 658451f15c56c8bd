// SPDX-License-Identifier: Apache-2.0
#include "fleet/summary.hpp"

#include <algorithm>

namespace tokenyard::fleet {
namespace {

LatencySummary from_histogram(const results::LogHistogram& h) {
  return {h.mean(), h.quantile(summary_quantiles[0]), h.quantile(summary_quantiles[1]),
          h.quantile(summary_quantiles[2])};
}

LatencySummary summarise_latency(results::Latency latency, const Recorder& recorder,
                                 const results::RequestTable* table) {
  results::LogHistogram all;
  for (const ClassTally& tally : recorder.classes()) {
    all.merge(tally.latency[static_cast<std::size_t>(latency)]);
  }
  LatencySummary summary = from_histogram(all);
  if (table != nullptr) {
    const std::vector<double> exact = table->exact_quantiles(latency, summary_quantiles);
    summary.p50 = exact[0];
    summary.p90 = exact[1];
    summary.p99 = exact[2];
  }
  return summary;
}

PoolSummary summarise_pool(const PoolPlan& plan, std::size_t number, const Recorder& recorder,
                           Duration time) {
  PoolSummary pool;
  pool.name = plan.name;
  pool.replicas = plan.replicas;
  pool.nodes = plan.nodes;
  double used = 0;
  for (const SeriesRow& row : recorder.series()) {
    const PoolCounts& counts = row.pools[number];
    const double share = counts.kv_used / counts.kv_total;
    used += share;
    pool.kv_used_max = std::max(pool.kv_used_max, share);
  }
  pool.kv_used_mean = used / static_cast<double>(recorder.series().size());
  const PoolCounts& last = recorder.series().back().pools[number];
  if (time > Duration(0)) {
    pool.utilisation = last.busy / (time * static_cast<double>(plan.replicas));
  }
  const PoolTally& tally = recorder.pools()[number];
  pool.gap = from_histogram(tally.gaps);
  pool.transfer = from_histogram(tally.transfer);
  pool.transfers = static_cast<double>(tally.transfer.count());
  pool.transferred_bytes = tally.transferred_bytes;
  pool.prompt_tokens = static_cast<double>(last.prefilled.value());
  pool.output_tokens = static_cast<double>(last.emitted.value());
  const auto units = static_cast<double>(plan.price->per == catalog::Price::Per::node
                                             ? plan.nodes
                                             : plan.nodes * plan.rack->chips_per_node);
  pool.cost_usd = (plan.price->price * units * time).value();
  pool.energy_j = pool_energy(plan, time, last.busy).value();
  return pool;
}

ClassSummary summarise_class(const Slo& slo, const ClassTally& tally, double measured_s) {
  ClassSummary summary;
  summary.name = slo.name;
  summary.arrived = tally.arrived;
  summary.attained = tally.attained;
  summary.wanted = slo.share;
  const std::int64_t judged = tally.arrived - tally.in_flight;
  if (judged > 0) {
    summary.attainment = static_cast<double>(tally.attained) / static_cast<double>(judged);
  }
  if (measured_s > 0) summary.goodput_per_s = static_cast<double>(tally.attained) / measured_s;
  return summary;
}

}  // namespace

Joules pool_energy(const PoolPlan& pool, Duration time, Duration replica_busy) {
  const catalog::Accelerator& a = *pool.deployment.accelerator;
  const auto nodes = static_cast<double>(pool.nodes);
  const auto chips = nodes * static_cast<double>(pool.rack->chips_per_node);
  const Watts rest =
      pool.rack->node_power - a.busy * static_cast<double>(pool.rack->chips_per_node);
  const Joules always = (std::max(rest, Watts(0)) * nodes + a.idle * chips) * time;
  const Joules extra =
      (a.busy - a.idle) * (replica_busy * static_cast<double>(pool.deployment.tensor));
  return (always + extra) * pool.site->pue;
}

Summary summarise(const Scenario& scenario, const Recorder& recorder, const Totals& totals,
                  const results::RequestTable* table) {
  Summary summary;
  if (scenario.keep.requests < 1) table = nullptr;  // a sample's quantiles are not the run's
  summary.totals = totals;
  const Duration time = totals.end - Instant(0);
  summary.measured_s = std::max(0.0, (totals.end - scenario.warm_up).value());
  summary.exact_quantiles = table != nullptr;
  for (std::size_t i = 0; i < latency_count; ++i) {
    summary.latency[i] = summarise_latency(static_cast<results::Latency>(i), recorder, table);
  }
  for (std::size_t i = 0; i < scenario.tenants.size(); ++i) {
    summary.classes.push_back(
        summarise_class(scenario.tenants[i].slo, recorder.classes()[i], summary.measured_s));
  }
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    summary.pools.push_back(summarise_pool(scenario.pools[i], i, recorder, time));
    summary.cost_usd += summary.pools.back().cost_usd;
    summary.energy_j += summary.pools.back().energy_j;
  }
  results::LogHistogram gaps;
  for (const PoolTally& tally : recorder.pools()) gaps.merge(tally.gaps);
  summary.gap = from_histogram(gaps);
  summary.preemptions = recorder.preemptions();
  const auto in = static_cast<double>(recorder.prompt_served());
  const auto out = static_cast<double>(recorder.output_served());
  if (time > Duration(0)) {
    summary.prompt_tokens_per_s = in / time.value();
    summary.output_tokens_per_s = out / time.value();
  }
  constexpr double million = 1e6;
  if (out > 0) {
    summary.cost_per_million_output_tokens_usd = summary.cost_usd / out * million;
    summary.cost_per_million_tokens_usd = summary.cost_usd / (in + out) * million;
    summary.energy_per_output_token_j = summary.energy_j / out;
  }
  return summary;
}

}  // namespace tokenyard::fleet
