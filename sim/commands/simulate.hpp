// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fleet/scenario.hpp"
#include "fleet/summary.hpp"
#include "network/platform.hpp"

namespace tokenyard::commands {

struct RunOptions;

struct Ran {
  fleet::Scenario scenario;
  fleet::Summary summary;
  std::string digest;  // of the result file, if there is one
  double wall_s = 0;
};

// Simulates one scenario, or one variant of it, and writes the result file. Once in a process.
Ran simulate(const RunOptions& options);
// The same of a scenario that was read already; and on its platform, loaded already.
Ran simulate(fleet::Scenario scenario, const RunOptions& options);
Ran simulate(fleet::Scenario scenario, const network::Platform& platform,
             const RunOptions& options);

}  // namespace tokenyard::commands
