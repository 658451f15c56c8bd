// SPDX-License-Identifier: Apache-2.0
#include "commands/batch_scripts.hpp"

#include <fmt/format.h>

namespace tokenyard::commands {
namespace {

std::string replaced(const std::string& text, char letter, const char* by) {
  std::string result;
  for (const char c : text) result += c == letter ? std::string(by) : std::string(1, c);
  return result;
}

// A word after #SBATCH: as in a shell, but a backslash means something between quotes, too.
std::string sbatch_word(const std::string& word) {
  return shell_word(replaced(word, '\\', "\\\\"));
}

// A value that stands apart belongs to the option before.
std::string lines_of(const std::vector<std::string>& options) {
  std::string text;
  for (const std::string& option : options) {
    const bool is_value = !option.starts_with('-') && !text.empty();
    if (is_value) text.pop_back();
    text += (is_value ? " " : "#SBATCH ") + sbatch_word(option) + "\n";
  }
  return text;
}

// In the path of a log, % begins what Slurm fills in.
std::string head(const BatchScripts& scripts, const std::string& name, const std::string& log) {
  return fmt::format(
      "#SBATCH --job-name={}\n"
      "#SBATCH --open-mode=append\n"
      "#SBATCH --output={}\n",
      name, sbatch_word(replaced(scripts.logs(), '%', "%%") + "/" + log));
}

}  // namespace

std::string shell_word(const std::string& word) {
  const char* const plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  return "'" + replaced(word, '\'', "'\\''") + "'";
}

std::string BatchScripts::sweep_text() const {
  return fmt::format(
      "#!/bin/bash\n"
      "# Written by `tokenyard sweep slurm`: a job array, a shard of the sweep each. A shard runs\n"
      "# what has no file yet, so submitting this again, all of it or some (sbatch --array=3,7),\n"
      "# goes on where it was.\n"
      "{}"
      "#SBATCH --array=1-{}\n"
      "#SBATCH --requeue\n"
      "# A minute before its time is up, a shard ends its runs.\n"
      "#SBATCH --signal=B:TERM@60\n"
      "{}"
      "\n"
      "exec {} \\\n"
      "  sweep run {} \\\n"
      "  --out {} \\\n"
      "  --shard \"$SLURM_ARRAY_TASK_ID\" --of {} \\\n"
      "  --jobs \"${{SLURM_CPUS_ON_NODE:-${{SLURM_CPUS_PER_TASK:-1}}}}\" \\\n"
      "  --point-timeout {}\n",
      head(*this, "sweep", "sweep-%A_%a.log"), shards, lines_of(options), shell_word(program),
      shell_word(study), shell_word(directory), shards, shell_word(timeout));
}

std::string BatchScripts::merge_text() const {
  return fmt::format(
      "#!/bin/bash\n"
      "# Written by `tokenyard sweep slurm`: all that the sweep has found in one file. It fails,\n"
      "# and says in its log what is missing, unless every run has a file.\n"
      "{}"
      "{}"
      "\n"
      "exec {} \\\n"
      "  sweep merge {} \\\n"
      "  --out {} --force\n",
      head(*this, "merge", "merge-%j.log"), lines_of(options), shell_word(program),
      shell_word(directory), shell_word(merged()));
}

}  // namespace tokenyard::commands
