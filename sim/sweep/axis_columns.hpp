// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "results/file.hpp"
#include "sweep/points.hpp"
#include "sweep/run_table.hpp"

namespace tokenyard::sweep {

// An axis as a column of a file: numbers in the SI unit where all its levels are numbers of one
// kind, else an enumeration of what the levels are called.
struct AxisColumn {
  std::string name;  // that of the axis, unless another column is called so
  results::ColumnInfo info;
  std::vector<double> numbers;  // of each level; empty: an enumeration

  // What the column holds at these levels, in a Cells' memory.
  struct Values {
    std::vector<double> numbers;
    std::vector<std::uint32_t> wide;
    std::vector<std::uint16_t> codes;
    std::vector<std::uint8_t> narrow;

    results::Cells cells() const;
  };
  Values at(std::span<const std::uint32_t> levels) const;
  Values all() const;  // levels in their order
};

// Those of a study. `measures` stand beside them, and the columns of merged files.
std::vector<AxisColumn> axis_columns(const Study& study, const Points& points,
                                     const std::vector<const Measure*>& measures);

// The name of a measure's column.
std::string column_of(const Measure& measure);

}  // namespace tokenyard::sweep
