// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sweep/points.hpp"

namespace tokenyard::sweep {

// What reading points' scenarios, without running them, finds out.
struct DryRun {
  struct Looked {
    const Point* point;
    std::string identity;   // of its first replication
    double requests = 0;    // expected in a run
    const Point* equal_to;  // an earlier point that is the same scenario, or null
  };
  std::vector<Looked> looked;
};

// Reads the scenarios of points: of all that are kept if they are at most `most`, else of a sample
// that holds each level (of a grid: as far as `most` goes), the corners of the axes first. What is
// wrong is noted with the first point that has it; parts of metrics that no scenario has, too.
DryRun dry_run(const Study& study, const Points& points, std::size_t most,
               config::Mistakes& mistakes);

}  // namespace tokenyard::sweep
