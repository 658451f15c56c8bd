// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sweep/manifest.hpp"

namespace tokenyard::sweep {

// Reads the scenario of a run. Throws ConfigError where it is wrong.
fleet::Scenario read_run(const Study& study, const Points& points, const Run& run);

// What is known of the runs of one point once its scenario was read.
struct Listed {
  std::vector<Run> runs;  // a replication each; `platform` is left open
  std::string platform;   // SHA-256 of what SimGrid reads
  std::string results;    // what they keep, canonical
  std::string refusal;    // why there are no identities, a line for each mistake; else empty
};
Listed list_runs(const Study& study, const Points& points, const Point& point);

// The same on its way between processes.
std::string packed(const std::vector<Listed>& listed);
std::vector<Listed> unpacked(const std::string& text);

// Adds the runs of the next kept point.
void add(Sweep& sweep, const Listed& listed);

}  // namespace tokenyard::sweep
