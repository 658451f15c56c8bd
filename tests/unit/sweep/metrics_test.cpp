// SPDX-License-Identifier: Apache-2.0
#include "sweep/metrics.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <set>

using namespace tokenyard;
using fleet::Summary;
using sweep::MetricOf;

namespace {

Summary summary() {
  Summary s;
  s.totals.arrived = 10;
  s.totals.by_status = {8, 0, 0, 0, 0, 1, 1};
  s.totals.end = Instant(100);
  s.latency[0] = {1, 2, 3, 4};
  s.latency[1].p99 = 5;
  s.latency[2].mean = 6;
  s.classes = {{"fast", 6, 3, 0.5, 0.03, 0.9}, {"slow", 4, 3, 1, 0.05, 0.95}};
  s.tenants.resize(2);
  s.tenants[0].name = "chat";
  s.tenants[1].name = "batch";
  s.tenants[0].arrived = 6;
  s.tenants[1].arrived = 4;
  s.tenants[1].by_status[6] = 1;
  s.tenants[1].latency[0].p99 = 7;
  s.pools.resize(2);
  s.pools[0].name = "chat";  // as a tenant is called
  s.pools[0].replicas = 3;
  s.pools[0].busy_s = 100;
  s.pools[0].paid_s = 300;
  s.pools[1].name = "b";
  s.pools[1].replicas = 1;
  s.pools[1].busy_s = 100;
  s.pools[1].paid_s = 100;
  s.pools[1].utilisation = 1;
  s.accounts.total.energy_j = 500;
  s.accounts.total.cost_nodes_usd = 2;
  s.accounts.total.output_tokens = 4e6;
  s.accounts.pools.resize(2);
  s.accounts.pools[1].cost_nodes_usd = 0.5;
  s.accounts.tenants.resize(2);
  s.accounts.tenants[0].cost_egress_usd = 0.25;
  return s;
}

double value(const std::string& name) { return sweep::metric_name(name).value(summary()); }

}  // namespace

TEST_CASE("metrics are the numbers of the summary") {
  CHECK(value("ttft_mean_s") == 1);
  CHECK(value("ttft_p50_s") == 2);
  CHECK(value("ttft_p90_s") == 3);
  CHECK(value("ttft_p99_s") == 4);
  CHECK(value("tpot_p99_s") == 5);
  CHECK(value("end_to_end_mean_s") == 6);
  CHECK(value("requests_arrived") == 10);
  CHECK(value("requests_timed_out") == 1);
  CHECK(value("ok_share") == 0.8);
  CHECK(value("goodput_per_s") == Approx(0.08));
  CHECK(value("attainment") == Approx(6.0 / 9));  // one is in flight
  CHECK(value("attainment_margin") == Approx(-0.4));
  CHECK(value("utilisation") == 0.5);
  CHECK(value("replicas") == 4);
  CHECK(value("power_mean_w") == 5);
  CHECK(value("cost_per_million_output_tokens_usd") == 0.5);
}

TEST_CASE("metrics of parts are told apart by name, and a missing part has none") {
  CHECK(value("ttft_p99_s[batch]") == 7);
  CHECK(value("utilisation[b]") == 1);
  CHECK(value("class_attainment[slow]") == 1);
  CHECK(value("replicas[chat]") == 3);
  CHECK(std::isnan(value("ttft_p99_s[nobody]")));
  // Accounts exist in several groups, which may share names.
  Summary s = summary();
  s.accounts.pools[0].name = s.accounts.tenants[0].name = "chat";
  CHECK(sweep::metric_name("tenant_cost_usd[chat]").value(s) == 0.25);
  CHECK(sweep::metric_name("pool_cost_usd[b]").value(s) == 0.5);
}

TEST_CASE("names of metrics are unique and end in their unit") {
  std::set<std::pair<std::string, bool>> seen;
  for (const sweep::Metric& metric : sweep::metrics()) {
    CHECK(seen.emplace(metric.name, metric.of == MetricOf::run).second);
    CHECK_FALSE(metric.summary.empty());
    INFO(metric.name);
    if (metric.unit == "USD") CHECK(metric.name.ends_with("_usd"));
    if (metric.unit == "s") CHECK(metric.name.ends_with("_s"));
    if (metric.unit == "1/s") CHECK(metric.name.ends_with("_per_s"));
    if (metric.unit == "J") CHECK(metric.name.ends_with("_j"));
  }
}
