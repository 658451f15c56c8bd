// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tokenyard::commands {

struct SweepRunOptions {
  std::string study;
  std::string out;          // the directory
  std::string jobs;         // runs at a time; empty: as many as there are cores
  std::string shard = "1";  // of `of`, from 1
  std::string of = "1";
  std::string timeout = "24 h";  // of a run
  std::string memory;            // of a run; empty: its share of the machine's
  bool update = false;           // the directory is of another study, or files have changed
  bool quiet = false;
};

// Simulates all runs of a study, or of a shard of it, that have no file in the directory yet.
// Returns the exit code: 1 if some failed or it was interrupted.
int sweep_run(const SweepRunOptions& options);

// What the fork server of a sweep is started with.
struct SweepServeOptions {
  std::string directory;
  std::string timeout_s;
  std::string memory_bytes;
};
int sweep_serve(const SweepServeOptions& options);

}  // namespace tokenyard::commands
