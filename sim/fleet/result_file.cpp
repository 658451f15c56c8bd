// SPDX-License-Identifier: Apache-2.0
#include "fleet/result_file.hpp"

#include "fleet/result_accounts.hpp"
#include "fleet/result_columns.hpp"
#include "fleet/wafer_columns.hpp"

namespace tokenyard::fleet {
namespace {

using results::Writer;

void write_classes(Writer& writer, const Summary& summary) {
  std::vector<std::string> names;
  for (const ClassSummary& c : summary.classes) names.push_back(c.name);
  write_names(writer, "/slo_classes", "slo_class", names);
  Columns<ClassSummary> columns(writer, "/slo_classes", summary.classes);
  columns.add("requests_arrived", "", "requests that arrived after the warm-up",
              [](const ClassSummary& c) { return c.arrived; });
  columns.add("requests_attained", "", "requests that met all limits",
              [](const ClassSummary& c) { return c.attained; });
  columns.add("attainment", "1", "share of ended requests that met all limits",
              [](const ClassSummary& c) { return c.attainment; });
  columns.add("goodput_per_s", "1/s", "requests that met all limits",
              [](const ClassSummary& c) { return c.goodput_per_s; });
  columns.add("error_budget_used", "1", "share that missed them / share that may",
              [](const ClassSummary& c) { return c.error_budget_used; });
  columns.add("below_s", "s", "time in which fewer met them than wanted",
              [](const ClassSummary& c) { return c.below_s; });
  columns.add("longest_below_s", "s", "of it, at a stretch",
              [](const ClassSummary& c) { return c.longest_below_s; });
}

void write_loads(Columns<TenantSummary>& columns) {
  const auto add = [&columns](const std::string& name, const std::string& text,
                              const Attempts Load::*part) {
    columns.add("attempts_" + name, "", "attempts " + text,
                [part](const TenantSummary& t) { return (t.load.*part).requests; });
    columns.add("tokens_" + name, "", "their prompts and max_tokens",
                [part](const TenantSummary& t) { return (t.load.*part).tokens.value(); });
  };
  add("offered", "that came to the fleet", &Load::offered);
  add("admitted", "that were sent to a pool", &Load::admitted);
  add("throttled", "that a quota or their tier kept out", &Load::throttled);
}

void write_tenants(Writer& writer, const Summary& summary) {
  std::vector<std::string> names;
  for (const TenantSummary& t : summary.tenants) names.push_back(t.name);
  write_names(writer, "/tenants", "tenant", names);
  Columns<TenantSummary> columns(writer, "/tenants", summary.tenants);
  columns.add("requests_arrived", "", "requests that arrived after the warm-up",
              [](const TenantSummary& t) { return t.arrived; });
  for (std::size_t i = 0; i < results::status_names.size(); ++i) {
    const std::string status(results::status_names[i]);
    columns.add("requests_" + status, "", "of them, those that ended as " + status,
                [i](const TenantSummary& t) { return t.by_status[i]; });
  }
  constexpr std::array<const char*, latency_count> latencies = {"ttft", "tpot", "end_to_end"};
  for (std::size_t i = 0; i < latency_count; ++i) {
    const std::string name = latencies[i];
    columns.add(name + "_mean_s", "s", "mean",
                [i](const TenantSummary& t) { return t.latency[i].mean; });
    columns.add(name + "_p50_s", "s", "median, within 1 %",
                [i](const TenantSummary& t) { return t.latency[i].p50; });
    columns.add(name + "_p99_s", "s", "99th percentile, within 1 %",
                [i](const TenantSummary& t) { return t.latency[i].p99; });
  }
  columns.add("attainment", "1", "share of ended requests that met all limits",
              [](const TenantSummary& t) { return t.attainment; });
  columns.add("goodput_per_s", "1/s", "requests that met all limits",
              [](const TenantSummary& t) { return t.goodput_per_s; });
  columns.add("availability", "1", "share of those judged, less rejected, with status ok",
              [](const TenantSummary& t) { return t.availability; });
  columns.add("network_mean_s", "s", "between the client and the region and back, mean",
              [](const TenantSummary& t) { return t.network.mean; });
  columns.add("network_p99_s", "s", "likewise, 99th percentile, within 1 %",
              [](const TenantSummary& t) { return t.network.p99; });
  write_loads(columns);
  columns.add("prevented", "", "requests kept from pools that rules or residency forbid",
              [](const TenantSummary& t) { return t.prevented; });
  columns.add("retries", "", "attempts after the first ones",
              [](const TenantSummary& t) { return t.retries; });
  columns.add("prompt_tokens", "", "prompt tokens of requests with status ok",
              [](const TenantSummary& t) { return t.prompt_tokens; });
  columns.add("cached_tokens", "", "of them, those found in a prefix cache",
              [](const TenantSummary& t) { return t.cached_tokens; });
  columns.add("output_tokens", "", "output tokens of requests with status ok",
              [](const TenantSummary& t) { return t.output_tokens; });
  write_accounts(writer, "/tenants", summary.accounts.tenants);
}

void write_operations(Columns<PoolSummary>& columns) {
  columns.add("paid_s", "s", "nodes paid for, summed over replicas",
              [](const PoolSummary& p) { return p.paid_s; });
  columns.add("availability", "1", "serving / (serving + failed), over replicas",
              [](const PoolSummary& p) { return p.availability; });
  columns.add("failed_s", "s", "from a failure until serving again, summed over replicas",
              [](const PoolSummary& p) { return p.failed_s; });
  columns.add("away_s", "s", "for planned work, summed over replicas",
              [](const PoolSummary& p) { return p.away_s; });
  columns.add("failures", "", "of replicas", [](const PoolSummary& p) { return p.failures; });
  columns.add("recoveries", "", "of replicas, to serving again",
              [](const PoolSummary& p) { return p.recoveries; });
  columns.add("recovery_mean_s", "s", "from a failure until serving again, mean",
              [](const PoolSummary& p) { return p.recovery_mean_s; });
  columns.add("recovery_longest_s", "s", "likewise, longest",
              [](const PoolSummary& p) { return p.recovery_longest_s; });
  columns.add("scaled", "", "replicas added and taken away",
              [](const PoolSummary& p) { return p.scaled; });
  columns.add("serving_least", "", "replicas serving, fewest of the series",
              [](const PoolSummary& p) { return p.serving_least; });
  columns.add("serving_most", "", "replicas serving, most of the series",
              [](const PoolSummary& p) { return p.serving_most; });
}

void write_pools(Writer& writer, const Summary& summary) {
  std::vector<std::string> names;
  for (const PoolSummary& p : summary.pools) names.push_back(p.name);
  write_names(writer, "/pools", "pool", names);
  Columns<PoolSummary> columns(writer, "/pools", summary.pools);
  columns.add("replicas", "", "replicas", [](const PoolSummary& p) { return p.replicas; });
  columns.add("nodes", "", "nodes", [](const PoolSummary& p) { return p.nodes; });
  columns.add("utilisation", "1", "share of replica time with an iteration under way",
              [](const PoolSummary& p) { return p.utilisation; });
  columns.add("kv_used_mean", "1", "KV blocks in use, mean of the series",
              [](const PoolSummary& p) { return p.kv_used_mean; });
  columns.add("kv_used_max", "1", "KV blocks in use, most of the series",
              [](const PoolSummary& p) { return p.kv_used_max; });
  columns.add("inter_token_mean_s", "s", "gap between tokens of a request, mean",
              [](const PoolSummary& p) { return p.gap.mean; });
  columns.add("inter_token_p50_s", "s", "gap between tokens of a request, median",
              [](const PoolSummary& p) { return p.gap.p50; });
  columns.add("inter_token_p99_s", "s", "gap between tokens of a request, 99th percentile",
              [](const PoolSummary& p) { return p.gap.p99; });
  columns.add("transfers", "", "KV caches handed over",
              [](const PoolSummary& p) { return p.transfers; });
  columns.add("transferred_bytes", "B", "KV caches handed over",
              [](const PoolSummary& p) { return p.transferred_bytes; });
  columns.add("fetched_bytes", "B", "KV cache from the store of prefixes",
              [](const PoolSummary& p) { return p.fetched_bytes; });
  columns.add("put_bytes", "B", "KV cache to the store of prefixes",
              [](const PoolSummary& p) { return p.put_bytes; });
  columns.add("weights_bytes", "B", "weights of replicas that began without",
              [](const PoolSummary& p) { return p.weights_bytes; });
  columns.add("transfer_mean_s", "s", "hand-over to delivery, mean",
              [](const PoolSummary& p) { return p.transfer.mean; });
  columns.add("transfer_p99_s", "s", "hand-over to delivery, 99th percentile",
              [](const PoolSummary& p) { return p.transfer.p99; });
  columns.add("prompt_tokens", "", "prompt tokens read",
              [](const PoolSummary& p) { return p.prompt_tokens; });
  columns.add("output_tokens", "", "tokens written",
              [](const PoolSummary& p) { return p.output_tokens; });
  columns.add("prefix_tokens", "", "prompt tokens looked up in a prefix cache",
              [](const PoolSummary& p) { return p.prefix_tokens; });
  columns.add("cached_tokens", "", "of them, those found",
              [](const PoolSummary& p) { return p.cached_tokens; });
  columns.add("padding_tokens", "", "computed for nothing, since shapes are static",
              [](const PoolSummary& p) { return p.padding_tokens; });
  columns.add("busy_s", "s", "with an iteration under way, summed over replicas",
              [](const PoolSummary& p) { return p.busy_s; });
  columns.add("busy_prefill_s", "s", "of it, with an iteration that reads prompts",
              [](const PoolSummary& p) { return p.reading_s; });
  write_operations(columns);
  write_accounts(writer, "/pools", summary.accounts.pools);
}

void write_series(Writer& writer, const PoolPlan& plan, std::size_t pool,
                  const std::vector<SeriesRow>& rows) {
  const std::string group = "/series/" + results::path_component(plan.name);
  std::vector<double> times;
  for (const SeriesRow& row : rows) times.push_back(row.time_s);
  writer.dimension(group, "time_s", times, {"s", "simulated time", {}, {}});
  // What grows is shown as a rate over the interval that ends at the row.
  const auto rate = [&](auto value) {
    std::vector<double> cells(rows.size(), 0.0);
    for (std::size_t i = 1; i < rows.size(); ++i) {
      cells[i] = (value(rows[i].pools[pool]) - value(rows[i - 1].pools[pool])) /
                 (rows[i].time_s - rows[i - 1].time_s);
    }
    return cells;
  };
  Columns<SeriesRow> columns(writer, group, rows);
  columns.add("requests_waiting", "", "requests waiting",
              [pool](const SeriesRow& row) { return row.pools[pool].waiting; });
  columns.add("replicas_serving", "", "replicas that take requests",
              [pool](const SeriesRow& row) { return row.pools[pool].serving; });
  columns.add("requests_running", "", "requests running",
              [pool](const SeriesRow& row) { return row.pools[pool].running; });
  columns.add("kv_used", "1", "KV blocks in use", [pool](const SeriesRow& row) {
    return row.pools[pool].kv_used / row.pools[pool].kv_total;
  });
  writer.column(group + "/prompt_tokens_per_s",
                rate([](const PoolCounts& c) { return static_cast<double>(c.prefilled.value()); }),
                {"1/s", "prompt tokens read", {}, {}});
  writer.column(group + "/cached_tokens_per_s",
                rate([](const PoolCounts& c) { return static_cast<double>(c.cached.value()); }),
                {"1/s", "prompt tokens found in the prefix cache", {}, {}});
  writer.column(group + "/output_tokens_per_s",
                rate([](const PoolCounts& c) { return static_cast<double>(c.emitted.value()); }),
                {"1/s", "tokens written", {}, {}});
  const auto replicas = static_cast<double>(plan.replicas);
  writer.column(group + "/utilisation",
                rate([replicas](const PoolCounts& c) { return c.busy.value() / replicas; }),
                {"1", "share of replica time with an iteration under way", {}, {}});
}

void write_summary(Writer& writer, const Summary& summary) {
  writer.dimension("/summary", "run", 1);
  const auto put = [&writer](const std::string& name, const std::string& unit, double value) {
    writer.column("/summary/" + name, std::vector<double>{value}, {unit, "", {}, {}});
  };
  put("simulated_s", "s", summary.totals.end.value());
  put("measured_s", "s", summary.measured_s);
  put("requests_arrived", "", static_cast<double>(summary.totals.arrived));
  for (std::size_t i = 0; i < results::status_names.size(); ++i) {
    put("requests_" + std::string(results::status_names[i]), "",
        static_cast<double>(summary.totals.by_status[i]));
  }
  const auto put_latency = [&put](const std::string& name, const LatencySummary& latency) {
    put(name + "_mean_s", "s", latency.mean);
    put(name + "_p50_s", "s", latency.p50);
    put(name + "_p90_s", "s", latency.p90);
    put(name + "_p99_s", "s", latency.p99);
  };
  constexpr std::array<const char*, latency_count> names = {"ttft", "tpot", "end_to_end"};
  for (std::size_t i = 0; i < latency_count; ++i) put_latency(names[i], summary.latency[i]);
  put_latency("inter_token", summary.gap);
  put_latency("network", summary.network);
  put("availability", "1", summary.availability);
  put("preemptions", "", static_cast<double>(summary.preemptions));
  put("prompt_tokens_per_s", "1/s", summary.prompt_tokens_per_s);
  put("output_tokens_per_s", "1/s", summary.output_tokens_per_s);
  put("energy_per_output_token_j", "J", summary.energy_per_output_token_j());
  write_accounts(writer, "/summary", {summary.accounts.total});
  write_unassigned(writer, summary.accounts.unassigned);
}

}  // namespace

results::RequestTable::Names table_names(const Scenario& scenario) {
  results::RequestTable::Names names;
  for (const traffic::Tenant& t : scenario.tenants) names.tenants.push_back(t.name);
  for (const traffic::Slo& slo : scenario.slo_classes) names.slo_classes.push_back(slo.name);
  for (const traffic::Place& place : scenario.origins) names.origins.push_back(place.name);
  for (const auto& model : scenario.models) names.models.push_back(model->name);
  for (const PoolPlan& pool : scenario.pools) names.pools.push_back(pool.name);
  names.api_classes = {traffic::api_classes.begin(), traffic::api_classes.end()};
  names.tiers = {traffic::tiers.begin(), traffic::tiers.end()};
  return names;
}

void write_results(Writer& writer, const Scenario& scenario, const Recorder& recorder,
                   const Summary& summary) {
  writer.text("/scenario", scenario.canonical);
  if (scenario.keep.requests > 0) {
    writer.attribute("/requests", "sample_share", scenario.keep.requests);
  }
  write_summary(writer, summary);
  write_classes(writer, summary);
  write_tenants(writer, summary);
  write_pools(writer, summary);
  write_bases(writer, scenario);
  write_groups(writer, summary.accounts);
  write_wafers(writer, summary);
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    write_series(writer, scenario.pools[i], i, recorder.series());
  }
}

}  // namespace tokenyard::fleet
