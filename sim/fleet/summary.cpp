// SPDX-License-Identifier: Apache-2.0
#include "fleet/summary.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace tokenyard::fleet {
namespace {

LatencySummary from_histogram(const results::LogHistogram& h) {
  return {h.mean(), h.quantile(summary_quantiles[0]), h.quantile(summary_quantiles[1]),
          h.quantile(summary_quantiles[2])};
}

LatencySummary summarise_latency(results::Latency latency, const Recorder& recorder,
                                 const results::RequestTable* table) {
  results::LogHistogram all;
  for (const TenantTally& tally : recorder.tenants()) {
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

void summarise_operations(std::size_t number, const Recorder& recorder, PoolSummary& pool) {
  const PoolCounts& last = recorder.series().back().pools[number];
  pool.availability = last.duties.availability();
  pool.failed_s = last.duties[Duty::failed].value();
  pool.away_s = last.duties[Duty::away].value();
  pool.failures = last.failures;
  pool.recoveries = last.recoveries;
  if (last.recoveries > 0) {
    pool.recovery_mean_s = last.recovering.value() / static_cast<double>(last.recoveries);
  }
  pool.recovery_longest_s = last.longest_recovery.value();
  pool.scaled = last.scaled;
  pool.serving_least = pool.serving_most = last.serving;
  for (const SeriesRow& row : recorder.series()) {
    pool.serving_least = std::min(pool.serving_least, row.pools[number].serving);
    pool.serving_most = std::max(pool.serving_most, row.pools[number].serving);
  }
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
  const Duration there =
      plan.autoscale ? last.duties.paid() : time * static_cast<double>(plan.replicas);
  if (there > Duration(0)) pool.utilisation = last.busy / there;
  pool.paid_s = there.value();
  summarise_operations(number, recorder, pool);
  const PoolTally& tally = recorder.pools()[number];
  pool.gap = from_histogram(tally.gaps);
  pool.transfer = from_histogram(tally.transfer);
  pool.transfers = static_cast<double>(tally.transfer.count());
  pool.transferred_bytes = tally.transferred_bytes;
  pool.fetched_bytes = tally.fetched_bytes;
  pool.put_bytes = tally.put_bytes;
  pool.weights_bytes = tally.weights_bytes;
  pool.prefix_tokens = static_cast<double>(last.prompts.value());
  pool.cached_tokens = static_cast<double>(last.cached.value());
  pool.padding_tokens = static_cast<double>(last.padding.value());
  pool.prompt_tokens = static_cast<double>(last.prefilled.value());
  pool.output_tokens = static_cast<double>(last.emitted.value());
  pool.busy_s = last.busy.value();
  pool.reading_s = last.reading.value();
  return pool;
}

// Of requests, those that were not rejected: no fleet could have answered them.
double availability(std::span<const std::int64_t> by_status) {
  const auto count = [&by_status](results::Status status) {
    return static_cast<double>(by_status[static_cast<std::size_t>(status)]);
  };
  double all = 0;
  for (const std::int64_t n : by_status) all += static_cast<double>(n);
  all -= count(results::Status::in_flight) + count(results::Status::rejected);
  return all > 0 ? count(results::Status::ok) / all : results::no_value;
}

std::int64_t judged(const TenantTally& tally) {
  return tally.arrived - tally.by_status[static_cast<std::size_t>(results::Status::in_flight)];
}

double ratio(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : results::no_value;
}

double per_second(std::int64_t count, double measured_s) {
  return measured_s > 0 ? static_cast<double>(count) / measured_s : 0;
}

// A class is made of all tenants that have its limits.
ClassSummary summarise_class(const Scenario& scenario, std::size_t number, const Recorder& recorder,
                             double measured_s) {
  ClassSummary summary;
  summary.name = scenario.slo_classes[number].name;
  summary.wanted = scenario.slo_classes[number].share;
  std::int64_t all = 0;
  for (std::size_t i = 0; i < scenario.tenants.size(); ++i) {
    if (index(scenario.openings[i].slo_class) != number) continue;
    const TenantTally& tally = recorder.tenants()[i];
    summary.arrived += tally.arrived;
    summary.attained += tally.attained;
    all += judged(tally);
  }
  summary.attainment = ratio(summary.attained, all);
  summary.goodput_per_s = per_second(summary.attained, measured_s);
  summary.error_budget_used = (1 - summary.attainment) / (1 - summary.wanted);
  const ClassTally& tally = recorder.classes()[number];
  summary.below_s = tally.below.value();
  summary.longest_below_s = tally.longest_below.value();
  return summary;
}

TenantSummary summarise_tenant(const traffic::Tenant& tenant, const TenantTally& tally,
                               double measured_s) {
  TenantSummary summary;
  summary.name = tenant.name;
  summary.tier = traffic::tiers[static_cast<std::size_t>(tenant.tier)];
  summary.arrived = tally.arrived;
  summary.by_status = tally.by_status;
  for (std::size_t i = 0; i < latency_count; ++i) {
    summary.latency[i] = from_histogram(tally.latency[i]);
  }
  summary.attainment = ratio(tally.attained, judged(tally));
  summary.goodput_per_s = per_second(tally.attained, measured_s);
  summary.availability = availability(tally.by_status);
  summary.network = from_histogram(tally.network);
  summary.preemptions = tally.preemptions;
  summary.retries = tally.retries;
  summary.prompt_tokens = static_cast<double>(tally.prompt_served.value());
  summary.cached_tokens = static_cast<double>(tally.cached_served.value());
  summary.output_tokens = static_cast<double>(tally.output_served.value());
  return summary;
}

}  // namespace

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
  for (std::size_t i = 0; i < scenario.slo_classes.size(); ++i) {
    summary.classes.push_back(summarise_class(scenario, i, recorder, summary.measured_s));
  }
  double in = 0, out = 0;
  std::array<std::int64_t, results::status_names.size()> by_status{};
  results::LogHistogram network;
  for (std::size_t i = 0; i < scenario.tenants.size(); ++i) {
    summary.tenants.push_back(
        summarise_tenant(scenario.tenants[i], recorder.tenants()[i], summary.measured_s));
    const TenantSummary& tenant = summary.tenants.back();
    summary.tenants.back().load = totals.loads[i];
    summary.tenants.back().prevented = totals.prevented[i];
    for (std::size_t k = 0; k < by_status.size(); ++k) by_status[k] += tenant.by_status[k];
    network.merge(recorder.tenants()[i].network);
    in += tenant.prompt_tokens;
    out += tenant.output_tokens;
    summary.preemptions += tenant.preemptions;
  }
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    PoolSummary& pool =
        summary.pools.emplace_back(summarise_pool(scenario.pools[i], i, recorder, time));
    pool.wafer = summarise_wafers(scenario, i, recorder,
                                  {pool.prompt_tokens, pool.output_tokens, time.value(),
                                   recorder.series().back().pools[i].busy.value()});
  }
  summary.availability = availability(by_status);
  summary.network = from_histogram(network);
  results::LogHistogram gaps;
  for (const PoolTally& tally : recorder.pools()) gaps.merge(tally.gaps);
  summary.gap = from_histogram(gaps);
  if (time > Duration(0)) {
    summary.prompt_tokens_per_s = in / time.value();
    summary.output_tokens_per_s = out / time.value();
  }
  summary.accounts = account(accounting_input(scenario, recorder, totals));
  return summary;
}

}  // namespace tokenyard::fleet
