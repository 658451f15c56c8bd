// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "commands/run.hpp"

namespace tokenyard::commands {

// Simulates a scenario that says `survive`: with each one lost that it is to survive, in processes
// of their own, and as it stands; prints its summary and the verdicts. Returns the exit code.
int run_survive(const RunOptions& options);

}  // namespace tokenyard::commands
