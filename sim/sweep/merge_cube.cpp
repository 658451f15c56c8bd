// SPDX-License-Identifier: Apache-2.0
#include "sweep/merge_cube.hpp"

#include <numeric>

#include "results/record.hpp"

namespace tokenyard::sweep {
namespace {

using results::Writer;

// One array at a time is in memory: 256 MiB.
constexpr std::size_t most_cells = std::size_t{1} << 25;

// Dimensions that HDF5 can have.
constexpr std::size_t most_dimensions = 32;

}  // namespace

std::string write_cube(Writer& writer, const MergeInput& input) {
  const Sweep& sweep = input.sweep;
  if (sweep.study.design.sampled()) return "";
  const auto replications = static_cast<std::size_t>(sweep.study.replications);
  const std::size_t cells = sweep.points.all.size() * replications;
  if (cells > most_cells || input.axes.size() + 1 > most_dimensions) {
    return "the grid is too large for one";
  }
  for (const AxisColumn& axis : input.axes) {
    writer.dimension("/cube", axis.name, axis.all().cells(), axis.info);
  }
  std::vector<std::uint32_t> numbers(replications);
  std::iota(numbers.begin(), numbers.end(), 0U);
  writer.dimension("/cube", "replication", numbers, {"", "replication, from 0", {}, {}});
  std::vector<double> values;
  for (const Measure* measure : input.table.measures()) {
    values.assign(cells, results::no_value);
    // Points are in the order of the grid: the last axis is the fastest there, too.
    for (std::size_t i = 0; i < sweep.runs.size(); ++i) {
      const Run& run = sweep.runs[i];
      values[run.point * replications + run.replication] = measure->values[i];
    }
    writer.column("/cube/" + column_of(*measure), values, {measure->unit, measure->text, {}, {}});
  }
  return "";
}

}  // namespace tokenyard::sweep
