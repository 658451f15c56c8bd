// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tokenyard::commands {

struct TraceDescribeOptions {
  std::string file;
  std::string lengths;
  std::string step;
  std::string clients;
  std::string name;
};

// Prints statistics of traffic as a workload file. Returns the exit code.
int trace_describe(const TraceDescribeOptions& options);

}  // namespace tokenyard::commands
