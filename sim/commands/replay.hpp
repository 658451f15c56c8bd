// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tokenyard::commands {

struct ReplayOptions {
  std::string config;  // JSON
  std::string trace;   // CSV arrival_s,prompt_tokens,output_tokens
  std::string out;     // CSV id,status,ttft,e2e,tpot,preemptions
  bool no_leap = false;
};

// Serves a trace on one replica, by the public serving semantics. Returns the exit code.
int replay(const ReplayOptions& options);

}  // namespace tokenyard::commands
