// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace tokenyard::commands {

struct TraceGenerateOptions {
  std::string workload;
  std::string out;  // .csv, .csv.gz or .h5
  std::string duration;
  std::string requests;
  std::string seed = "0";
  std::string replication = "0";
  bool force = false;
  bool quiet = false;
};

// Writes the requests that a workload describes. Returns the exit code.
int trace_generate(const TraceGenerateOptions& options);

}  // namespace tokenyard::commands
