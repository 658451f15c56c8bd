// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sweep/dry_run.hpp"

namespace tokenyard::commands {

// How fast this machine simulates: of a run that was timed, or as stated where none could be.
struct Pace {
  double requests_per_s = 200'000;
  double setup_s = 0.15;        // of a run, beside its requests
  double timed_requests = 0;    // 0: it is stated
  std::size_t timed_point = 0;  // its number
};

// What `sweep show` says, before it is put into words.
struct SweepReport {
  sweep::Study study;
  sweep::Points points;
  sweep::DryRun dry_run;
  Pace pace;
  std::size_t cores = 1;

  std::size_t kept = 0;   // points that are not skipped
  std::size_t equal = 0;  // of those that were read, the same scenario as an earlier one
  double requests_least = 0, requests_mean = 0, requests_most = 0;  // in a run, of those read

  std::size_t runs() const { return (kept - equal) * static_cast<std::size_t>(study.replications); }
  double core_seconds() const;  // of all runs
};

// For people, at most 80 columns wide; and the same, with all points, as a JSON object.
std::string sweep_table(const SweepReport& report);
std::string sweep_json(const SweepReport& report);

}  // namespace tokenyard::commands
