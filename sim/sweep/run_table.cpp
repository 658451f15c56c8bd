// SPDX-License-Identifier: Apache-2.0
#include "sweep/run_table.hpp"

#include <algorithm>
#include <cmath>

#include "config/units.hpp"
#include "core/contracts.hpp"
#include "results/record.hpp"
#include "sweep/statistics.hpp"

namespace tokenyard::sweep {
namespace {

constexpr const char* goal = "goal";

// A value of the goal is in the SI unit of its key, which only the study knows.
std::string unit_of(const Study& study, const Metric& metric) {
  const bool is_value =
      metric.name == "goal" || metric.name == "goal_low" || metric.name == "goal_high";
  if (!study.goal || !is_value) return std::string(metric.unit);
  const auto found = typed(study.goal->settings(study.goal->range.from).front().value);
  if (!found || !found->kind.dimension) return "";
  return std::string(config::si_unit(*found->kind.dimension));
}

}  // namespace

RunTable::RunTable(const Sweep& sweep) : requests_(sweep.runs.size(), 0) {
  const std::vector<double> none(sweep.runs.size(), results::no_value);
  for (const MetricName& name : sweep.study.keep) {
    kept_.push_back({name.text(), unit_of(sweep.study, *name.metric), name.metric->summary, none});
  }
  for (const Metric& metric : goal_metrics()) {
    goals_[metric.name] = {metric.name, unit_of(sweep.study, metric), metric.summary, {}};
  }
  for (const MetricName& name : sweep.study.measured) {
    const auto found = std::find_if(kept_.begin(), kept_.end(), [&name](const Measure& measure) {
      return measure.name == name.text();
    });
    SIM_EXPECT(found != kept_.end());
    measured_.push_back(&*found);
  }
}

void RunTable::take(const std::vector<std::size_t>& runs, const PointFile& point) {
  for (Measure& measure : kept_) {
    const auto found = point.metrics.find(measure.name);
    if (found == point.metrics.end()) continue;
    for (const std::size_t run : runs) measure.values[run] = found->second;
  }
  for (auto at = point.metrics.lower_bound(goal);
       at != point.metrics.end() && at->first.starts_with(goal); ++at) {
    Measure& measure = goals_[at->first];
    measure.name = at->first;
    measure.values.resize(requests_.size(), results::no_value);
    for (const std::size_t run : runs) measure.values[run] = at->second;
  }
  for (const std::size_t run : runs) requests_[run] = point.requests;
}

void RunTable::forget(std::size_t run) {
  for (Measure& measure : kept_) measure.values[run] = results::no_value;
  for (auto& [name, measure] : goals_) {
    if (!measure.values.empty()) measure.values[run] = results::no_value;
  }
  requests_[run] = 0;
}

std::vector<const Measure*> RunTable::measures() const {
  std::vector<const Measure*> all;
  for (const Measure& measure : kept_) all.push_back(&measure);
  for (const auto& [name, measure] : goals_) {
    const bool is_kept = std::any_of(kept_.begin(), kept_.end(),
                                     [&name = name](const Measure& m) { return m.name == name; });
    if (!is_kept && !measure.values.empty()) all.push_back(&measure);
  }
  return all;
}

PointTable::PointTable(const Sweep& sweep)
    : points(sweep.points.kept()),
      replications(static_cast<std::size_t>(sweep.study.replications)) {
  SIM_EXPECT(sweep.runs.size() == points.size() * replications);
  for (std::size_t i = 0; i < points.size(); ++i) {
    first.push_back(i * replications);
    SIM_EXPECT(&sweep.point(sweep.runs[first.back()]) == points[i]);
  }
}

PointTable::Means PointTable::means_of(const Measure& measure,
                                       const std::vector<bool>& done) const {
  Means means;
  std::vector<double> values;
  for (const std::size_t start : first) {
    values.clear();
    for (std::size_t run = start; run < start + replications; ++run) {
      if (done[run]) values.push_back(measure.values[run]);
    }
    const Interval interval = interval_if_numbers(values);
    means.mean.push_back(interval.mean);
    means.half_width.push_back(interval.half_width);
  }
  return means;
}

}  // namespace tokenyard::sweep
