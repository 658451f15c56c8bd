// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tokenyard::commands {

struct PrecisionOptions {
  std::string file;    // of a run, with a request table
  std::string tenant;  // empty: all
  bool json = false;
};

// Prints how far the mean latencies of one run may be from those of an endless one, and where its
// start-up ends. Returns the exit code. Throws ConfigError.
int precision(const PrecisionOptions& options);

}  // namespace tokenyard::commands
