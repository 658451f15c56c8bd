// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tokenyard::commands {

struct SweepStatusOptions {
  std::string directory;
  bool json = false;
};

// Prints how far the sweep of a directory is, whoever fills it. Returns the exit code.
int sweep_status(const SweepStatusOptions& options);

}  // namespace tokenyard::commands
