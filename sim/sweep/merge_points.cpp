// SPDX-License-Identifier: Apache-2.0
#include "sweep/merge_points.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "results/record.hpp"

namespace tokenyard::sweep {
namespace {

using results::Writer;

class PointsWriter {
 public:
  PointsWriter(Writer& writer, const MergeInput& input)
      : writer_(writer), input_(input), table_(input.sweep) {
    for (std::size_t run = 0; run < input.sweep.runs.size(); ++run) {
      done_.push_back(input.is_done(run));
    }
    for (const std::size_t first : table_.first) {
      const auto begin = done_.begin() + static_cast<std::ptrdiff_t>(first);
      const auto end = begin + static_cast<std::ptrdiff_t>(table_.replications);
      counts_.push_back(static_cast<std::uint32_t>(std::count(begin, end, true)));
      const auto states = input.survey.states.begin() + static_cast<std::ptrdiff_t>(first);
      is_whole_.push_back(std::all_of(
          states, states + static_cast<std::ptrdiff_t>(table_.replications),
          [](RunState state) { return state == RunState::done || state == RunState::not_needed; }));
    }
  }

  void write() {
    std::vector<std::uint32_t> numbers;
    for (const Point* point : table_.points) {
      numbers.push_back(static_cast<std::uint32_t>(point->number));
    }
    writer_.dimension("/points", "point", numbers, {"", "number of the point, from 1", {}, {}});
    write_axes();
    for (const Measure* measure : input_.table.measures()) write_measure(*measure);
    writer_.column("/points/replications", counts_,
                   {"", "replications that the means are over", {}, {}});
    write_judgement();
  }

 private:
  void write_axes() {
    for (std::size_t axis = 0; axis < input_.axes.size(); ++axis) {
      std::vector<std::uint32_t> levels;
      for (const Point* point : table_.points) levels.push_back(point->levels[axis]);
      const AxisColumn& column = input_.axes[axis];
      writer_.column("/points/" + column.name, column.at(levels).cells(), column.info);
    }
  }

  void write_measure(const Measure& measure) {
    const PointTable::Means means = table_.means_of(measure, done_);
    const std::string path = "/points/" + column_of(measure);
    writer_.column(path, means.mean, {measure.unit, measure.text + ", mean", {}, {}});
    writer_.column(path + "_half_width", means.half_width,
                   {measure.unit, "of the 95 % confidence interval of that mean", {}, {}});
  }

  void write_judgement() {
    const Study& study = input_.sweep.study;
    std::vector<std::vector<double>> measured;  // by measure, then point
    for (const Measure* measure : input_.table.measured()) {
      measured.push_back(table_.means_of(*measure, done_).mean);
    }
    std::vector<std::uint8_t> judged(table_.points.size(), not_judged);
    std::vector<double> objectives(table_.points.size(), results::no_value);
    for (std::size_t i = 0; i < table_.points.size(); ++i) {
      if (counts_[i] == 0) continue;
      std::vector<double> means;
      for (const std::vector<double>& of_measure : measured) means.push_back(of_measure[i]);
      const std::vector<Operand> terms = operands_of(study, input_.sweep.points, *table_.points[i]);
      judged[i] = is_feasible(study, terms, means) ? feasible : infeasible;
      if (study.objective) objectives[i] = objective(study, terms, means);
    }
    writer_.column("/points/feasible", judged, feasible_info("whether the means are"));
    if (!study.objective) return;
    writer_.column("/points/objective", objectives, objective_info(study));
    writer_.column(
        "/points/rank", ranks(judged, objectives),
        {"", "by the objective of those that are feasible and have all replications", {}, 0});
  }

  // From 1; equals share theirs. 0: none.
  std::vector<std::uint32_t> ranks(const std::vector<std::uint8_t>& judged,
                                   const std::vector<double>& objectives) const {
    const bool least = input_.sweep.study.objective->sense == Objective::Sense::minimise;
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < judged.size(); ++i) {
      if (is_whole_[i] && judged[i] == feasible && !std::isnan(objectives[i])) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return least ? objectives[a] < objectives[b] : objectives[a] > objectives[b];
    });
    std::vector<std::uint32_t> ranks(judged.size(), 0);
    for (std::size_t i = 0; i < order.size(); ++i) {
      const bool is_tie = i > 0 && objectives[order[i]] == objectives[order[i - 1]];
      ranks[order[i]] = is_tie ? ranks[order[i - 1]] : static_cast<std::uint32_t>(i + 1);
    }
    return ranks;
  }

  Writer& writer_;
  const MergeInput& input_;
  PointTable table_;
  std::vector<bool> done_;             // of each run
  std::vector<std::uint32_t> counts_;  // of each point, its replications that are done
  std::vector<bool> is_whole_;         // of each point: none that it needs is missing
};

}  // namespace

void write_points(Writer& writer, const MergeInput& input) { PointsWriter(writer, input).write(); }

}  // namespace tokenyard::sweep
