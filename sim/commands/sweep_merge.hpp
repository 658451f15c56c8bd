// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tokenyard::commands {

struct SweepMergeOptions {
  std::string directory;
  std::string out;
  bool copy = false;         // request tables too
  bool no_requests = false;  // leave them out
  bool partial = false;      // although runs are missing
  bool force = false;
};

// Puts what a sweep has found into one file. Returns the exit code: 1 if there is none.
int sweep_merge(const SweepMergeOptions& options);

}  // namespace tokenyard::commands
