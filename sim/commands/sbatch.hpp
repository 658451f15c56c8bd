// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tokenyard::commands {

// Gives a batch script to Slurm's sbatch and returns the number that it got. Throws IoError, in
// sbatch's own words, if it is not installed or refuses.
std::string submit_batch(const std::string& script, const std::vector<std::string>& options);

}  // namespace tokenyard::commands
