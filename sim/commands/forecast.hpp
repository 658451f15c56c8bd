// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tokenyard::commands {

struct ForecastOptions {
  std::string file;  // a forecast (workload file), or a scenario with one
  std::string growth_case;
  std::string out;
  std::vector<std::string> sets;
  bool force = false;
  bool quiet = false;
};

// Prints what a forecast comes to and the days that stand for it; of a scenario, simulates them.
// Returns the exit code.
int forecast(const ForecastOptions& options);

}  // namespace tokenyard::commands
