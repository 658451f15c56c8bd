// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fleet/summary.hpp"

namespace tokenyard::commands {

struct RunOptions {
  std::string scenario;
  std::string out;                // empty: no file
  std::string seed;               // empty: as the scenario says
  std::vector<std::string> sets;  // PATH=VALUE
  std::string until;              // "2 h", empty: as the scenario says
  bool no_leap = false;
  bool quiet = false;
  bool force = false;
  std::string command_line;  // for the file's provenance
};

// Simulates a scenario, prints its summary, and writes the result file. Returns the exit code.
int run(const RunOptions& options);

// Simulates and tells, without a file. Once in a process.
fleet::Summary summary_of(const RunOptions& options);

}  // namespace tokenyard::commands
