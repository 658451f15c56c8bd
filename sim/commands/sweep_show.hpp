// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tokenyard::commands {

struct SweepShowOptions {
  std::string study;
  bool all = false;  // read every scenario, not a sample
  bool json = false;
};

// Prints a study's axes, points, runs and how long they should take, after a dry run that reads
// scenarios of its points. Returns the exit code.
int sweep_show(const SweepShowOptions& options);

}  // namespace tokenyard::commands
