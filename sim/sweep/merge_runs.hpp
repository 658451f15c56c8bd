// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sweep/axis_columns.hpp"
#include "sweep/survey.hpp"

namespace tokenyard::sweep {

// What the parts of a merged file are made of.
struct MergeInput {
  const Sweep& sweep;
  const Survey& survey;
  const RunTable& table;
  std::vector<AxisColumn> axes;

  bool is_done(std::size_t run) const { return survey.states[run] == RunState::done; }
};

// Of a column `feasible`: yes and no, and what stands for plans that were not run.
inline constexpr std::uint8_t infeasible = 0, feasible = 1, not_judged = 255;
results::ColumnInfo feasible_info(const std::string& long_name);
results::ColumnInfo objective_info(const Study& study);

// The group /runs: a row for each run, whether it is done or not.
void write_runs(results::Writer& writer, const MergeInput& input);

}  // namespace tokenyard::sweep
