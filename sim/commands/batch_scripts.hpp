// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tokenyard::commands {

// What the batch scripts of a sweep say. All paths are absolute.
struct BatchScripts {
  std::string program;
  std::string study;
  std::string directory;
  std::string shards;
  std::string timeout;               // of a run
  std::vector<std::string> options;  // of sbatch, for both

  std::string sweep_path() const { return directory + "/sweep.sbatch"; }
  std::string merge_path() const { return directory + "/merge.sbatch"; }
  std::string merged() const { return directory + "/merged.h5"; }
  std::string logs() const { return directory + "/logs"; }

  // An array of shards, and the merge after it.
  std::string sweep_text() const;
  std::string merge_text() const;
};

// A word of a shell command that means nothing but itself.
std::string shell_word(const std::string& word);

}  // namespace tokenyard::commands
