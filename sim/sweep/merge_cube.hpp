// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sweep/merge_runs.hpp"

namespace tokenyard::sweep {

// The group /cube of a grid: each measure as an array over the axes and the replications, NaN where
// a point is skipped or a run has no number. Returns why there is none; empty if there is, or the
// design is no grid.
std::string write_cube(results::Writer& writer, const MergeInput& input);

}  // namespace tokenyard::sweep
