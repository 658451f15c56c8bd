// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tokenyard::commands {

struct SweepSlurmOptions {
  std::string study;
  std::string shards;
  std::string out;                   // the directory
  std::string timeout = "24 h";      // of a run
  std::vector<std::string> options;  // of sbatch
  bool submit = false;
  bool update = false;
};

// Writes batch scripts for a study in shards, a job array, and for the merge after it; submits them
// if asked. Returns the exit code.
int sweep_slurm(const SweepSlurmOptions& options);

}  // namespace tokenyard::commands
