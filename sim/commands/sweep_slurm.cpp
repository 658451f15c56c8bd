// SPDX-License-Identifier: Apache-2.0
#include "commands/sweep_slurm.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "commands/batch_scripts.hpp"
#include "commands/option_values.hpp"
#include "commands/sbatch.hpp"
#include "commands/sweep_manifest.hpp"
#include "config/errors.hpp"
#include "results/target.hpp"

namespace tokenyard::commands {
namespace {

namespace fs = std::filesystem;

void check_sbatch_options(const std::vector<std::string>& options) {
  if (!options.empty() && !options.front().starts_with('-')) {
    refuse_option("--", "'" + options.front() + "' is no option of sbatch; leave it out");
  }
  for (const std::string& option : options) {
    if (option.find('\n') != std::string::npos) refuse_option("--", "an option has two lines");
    if (option.starts_with("--array") || option.starts_with("-a")) {
      refuse_option("--", "'" + option + "' is what --shards says; leave it out");
    }
  }
}

void check(const SweepSlurmOptions& options) {
  constexpr std::uint64_t most = 100'000;
  const std::uint64_t shards = whole_option("--shards", options.shards);
  if (shards < 1 || shards > most) refuse_option("--shards", "is not from 1 to 100000");
  timeout_option("--point-timeout", options.timeout);
  check_sbatch_options(options.options);
}

// In a path of a log, Slurm takes any backslash away, and a line ends an option.
void check_path(const std::string& directory) {
  if (directory.find_first_of("\\\n") == std::string::npos) return;
  throw config::ConfigError(
      config::Mistake{directory,
                      {},
                      "",
                      "Slurm writes no log below a name with a backslash or a line break; choose "
                      "another directory"});
}

void make_folder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) return;
  throw config::ConfigError(config::Mistake{
      folder, {}, "", "cannot be made (" + error.message() + "); choose another directory"});
}

void submit(const BatchScripts& scripts) {
  const std::string array = submit_batch(scripts.sweep_path(), {});
  fmt::print("submitted  {} (the sweep)", array);
  std::fflush(stdout);  // whatever comes next, it is in the queue
  std::string merge;
  try {
    merge = submit_batch(scripts.merge_path(), {"--dependency=afterany:" + array});
  } catch (const results::IoError&) {
    fmt::print(", without its merge\n");
    throw;
  }
  fmt::print(
      ", {} (the merge, after it)\n"
      "follow     squeue --job={},{}\n"
      "           tokenyard sweep status {}\n"
      "           logs: {}\n"
      "result     {}\n",
      merge, array, merge, shell_word(scripts.directory), scripts.logs(), scripts.merged());
}

// Runs that failed, or shards whose time was up.
void print_advice(const BatchScripts& scripts) {
  const std::string sweep = shell_word(scripts.sweep_path());
  fmt::print(
      "If a part fails or is lost, submit again what is missing, or only shards 3 and 7; then "
      "merge:\n"
      "           sbatch {}\n"
      "           sbatch --array=3,7 {}\n"
      "           sbatch {}\n",
      sweep, sweep, shell_word(scripts.merge_path()));
}

}  // namespace

int sweep_slurm(const SweepSlurmOptions& options) {
  check(options);
  BatchScripts scripts;
  scripts.program = fs::read_symlink("/proc/self/exe").string();
  scripts.study = fs::absolute(options.study).lexically_normal().string();
  scripts.directory = fs::absolute(options.out).lexically_normal().string();
  if (scripts.directory.ends_with('/')) scripts.directory.pop_back();
  scripts.shards = std::to_string(whole_option("--shards", options.shards));
  scripts.timeout = options.timeout;
  scripts.options = options.options;
  check_path(scripts.directory);
  // The manifest is there before any shard begins.
  const sweep::Sweep sweep =
      begin_sweep(scripts.study, sweep::Directory(scripts.directory),
                  options.update ? OtherContent::replace : OtherContent::refuse, false);
  make_folder(scripts.logs());
  results::write_text(scripts.sweep_path(), scripts.sweep_text());
  results::write_text(scripts.merge_path(), scripts.merge_text());
  fmt::print("{}: {} runs in {} shards\nscripts    {}\n           {}\n", sweep.study.name,
             sweep.runs.size(), scripts.shards, scripts.sweep_path(), scripts.merge_path());
  if (!sweep.refusals.empty()) {
    fmt::print(stderr, "{} points are refused, and shards exit with 1 for them; the first: {}\n",
               sweep.refusals.size(), sweep.refusals.front().text);
  }
  if (options.submit) {
    submit(scripts);
    print_advice(scripts);
  } else {
    fmt::print("submit     sbatch {}\n           sbatch --dependency=afterany:NUMBER {}\n",
               shell_word(scripts.sweep_path()), shell_word(scripts.merge_path()));
  }
  return 0;
}

}  // namespace tokenyard::commands
