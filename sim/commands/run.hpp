// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "commands/simulate.hpp"
#include "results/file.hpp"

namespace tokenyard::commands {

struct RunOptions {
  std::string scenario;
  std::string variant;            // empty: the scenario as it stands, or all its variants
  std::string out;                // empty: no file
  std::string seed;               // empty: as the scenario says
  std::vector<std::string> sets;  // PATH=VALUE
  std::string until;              // "2 h", empty: as the scenario says
  bool no_leap = false;
  bool quiet = false;
  bool force = false;
  std::string command_line;  // for the file's provenance
  bool tables = true;        // write the tables of results, of which `also_write` may say all
  fleet::StopRule* stop_rule = nullptr;  // that may end it early
  // Into the result file; may be empty.
  std::function<void(results::Writer&, const fleet::Summary&)> also_write;
};

// Simulates a scenario, prints its summary, and writes the result file; all its variants if it has
// any and none is chosen. Returns the exit code.
int run(const RunOptions& options);

// The assignments of --set, with those that other options stand for.
std::vector<std::string> sets_of(const RunOptions& options);

// The scenario, or the variant of it, that the options name. Throws ConfigError.
fleet::Scenario load_scenario(const RunOptions& options);
}  // namespace tokenyard::commands
