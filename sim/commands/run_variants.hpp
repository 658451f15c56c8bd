// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "commands/load.hpp"
#include "commands/run.hpp"

namespace tokenyard::commands {

// Simulates every variant of a scenario, several at a time, each in a process of its own; prints
// them side by side, and writes a result file for each. Returns the exit code: that of the variant
// that came off worst. The others are shown, and keep their files.
int run_variants(const RunOptions& options, const VariantFile& file);

}  // namespace tokenyard::commands
