// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/scenario.hpp"
#include "fleet/summary.hpp"

namespace tokenyard::sweep {

// Whose a metric is: of the whole run, or of one of its parts by name.
enum class MetricOf : std::uint8_t { run, tenant, slo_class, pool, region, provider, model };
inline constexpr std::array<std::string_view, 7> part_nouns = {
    "run", "tenant", "SLO class", "pool", "region", "provider", "model"};

// A number of a run's summary that studies keep, bound and optimise. Named as in result files.
struct Metric {
  std::string name;  // unique among those of runs, and among those of parts
  std::string_view unit;
  std::string summary;
  MetricOf of = MetricOf::run;
  double (*value)(const fleet::Summary&, std::size_t part) = nullptr;
};

// The one list of metrics.
const std::vector<Metric>& metrics();
// Those that a run of a study with a goal has besides, of the whole run: no summary holds them.
const std::vector<Metric>& goal_metrics();
bool is_of_goal(const Metric& metric);

// A metric as a study names it: ttft_p99_s, or of a part ttft_p99_s[chat].
struct MetricName {
  const Metric* metric = nullptr;
  std::string part;

  std::string text() const;
  // NaN where there is no such part, or no such number (a latency of no requests).
  double value(const fleet::Summary& summary) const;
};

// The metric of that name. Throws std::invalid_argument with a text for users. Whether the part
// exists is known with a scenario.
MetricName metric_name(const std::string& text);

// The names of the parts of a scenario, and of its summary.
std::vector<std::string> parts(const fleet::Scenario& scenario, MetricOf of);
std::vector<std::string> parts(const fleet::Summary& summary, MetricOf of);

}  // namespace tokenyard::sweep
