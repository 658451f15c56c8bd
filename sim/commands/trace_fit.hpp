// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tokenyard::commands {

struct TraceFitOptions {
  std::string file;
  std::string name;
  std::string step;
  std::string block = "512";
  bool spread_ticks = false;
};

// Prints a trace as a workload file that reproduces it. Returns the exit code.
int trace_fit(const TraceFitOptions& options);

}  // namespace tokenyard::commands
