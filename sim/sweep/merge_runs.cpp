// SPDX-License-Identifier: Apache-2.0
#include "sweep/merge_runs.hpp"

#include "results/record.hpp"

namespace tokenyard::sweep {
namespace {

using results::Writer;

void write_places(Writer& writer, const MergeInput& input) {
  std::vector<std::uint32_t> points, replications;
  std::vector<std::uint8_t> states;
  for (std::size_t i = 0; i < input.sweep.runs.size(); ++i) {
    const Run& run = input.sweep.runs[i];
    points.push_back(static_cast<std::uint32_t>(input.sweep.point(run).number));
    replications.push_back(run.replication);
    states.push_back(static_cast<std::uint8_t>(input.survey.states[i]));
  }
  writer.column("/runs/point", points, {"", "number of the point, from 1", {}, {}});
  writer.column("/runs/replication", replications, {"", "replication, from 0", {}, {}});
  writer.column(
      "/runs/status", states,
      {"", "whether the run is done", {run_state_names.begin(), run_state_names.end()}, {}});
}

void write_axes(Writer& writer, const MergeInput& input) {
  for (std::size_t axis = 0; axis < input.axes.size(); ++axis) {
    std::vector<std::uint32_t> levels;
    for (const Run& run : input.sweep.runs) levels.push_back(input.sweep.point(run).levels[axis]);
    const AxisColumn& column = input.axes[axis];
    writer.column("/runs/" + column.name, column.at(levels).cells(), column.info);
  }
}

void write_judgement(Writer& writer, const MergeInput& input) {
  const Sweep& sweep = input.sweep;
  std::vector<std::uint8_t> judged(sweep.runs.size(), not_judged);
  std::vector<double> objectives(sweep.runs.size(), results::no_value);
  std::vector<double> measured;
  for (std::size_t i = 0; i < sweep.runs.size(); ++i) {
    if (!input.is_done(i)) continue;
    measured.clear();
    for (const Measure* measure : input.table.measured()) measured.push_back(measure->values[i]);
    const std::vector<Operand> terms =
        operands_of(sweep.study, sweep.points, sweep.point(sweep.runs[i]));
    judged[i] = is_feasible(sweep.study, terms, measured) ? feasible : infeasible;
    if (sweep.study.objective) objectives[i] = objective(sweep.study, terms, measured);
  }
  writer.column("/runs/feasible", judged, feasible_info("whether the run's own values are"));
  if (sweep.study.objective) {
    writer.column("/runs/objective", objectives, objective_info(sweep.study));
  }
}

}  // namespace

results::ColumnInfo feasible_info(const std::string& long_name) {
  return {"", long_name, {"no", "yes"}, not_judged};
}

results::ColumnInfo objective_info(const Study& study) {
  return {"", study.objective->text, {}, {}};
}

void write_runs(Writer& writer, const MergeInput& input) {
  writer.dimension("/runs", "run", input.sweep.runs.size());
  write_places(writer, input);
  write_axes(writer, input);
  for (const Measure* measure : input.table.measures()) {
    writer.column("/runs/" + column_of(*measure), measure->values,
                  {measure->unit, measure->text, {}, {}});
  }
  write_judgement(writer, input);
}

}  // namespace tokenyard::sweep
