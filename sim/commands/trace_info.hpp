// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tokenyard::commands {

struct TraceInfoOptions {
  std::string file;
  std::string block = "512";  // tokens
  bool json = false;
  bool spread_ticks = false;
};

// Prints what a trace is like: rates, burstiness, lengths, reuse of prompts. Returns the exit code.
int trace_info(const TraceInfoOptions& options);

}  // namespace tokenyard::commands
