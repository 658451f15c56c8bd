// SPDX-License-Identifier: Apache-2.0
#include "commands/sweep_slurm.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "commands/option_values.hpp"
#include "commands/sweep_manifest.hpp"
#include "results/target.hpp"
#include "sweep/channel.hpp"

namespace tokenyard::commands {
namespace {

namespace fs = std::filesystem;

// A word of a shell command that means nothing but itself.
std::string quoted(const std::string& word) {
  const char* const plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string text = "'";
  for (const char letter : word)
    text += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  return text + "'";
}

// In the name of an output file, % begins what Slurm fills in.
std::string without_patterns(const std::string& path) {
  std::string text;
  for (const char letter : path) text += letter == '%' ? std::string("%%") : std::string(1, letter);
  return text;
}

// Options of sbatch as lines of a script; a value that stands apart belongs to the one before.
std::string lines_of(const std::vector<std::string>& options) {
  std::string text;
  for (const std::string& option : options) {
    const bool is_value = !option.starts_with('-') && !text.empty();
    if (is_value) text.pop_back();
    text += (is_value ? " " : "#SBATCH ") + quoted(option) + "\n";
  }
  return text;
}

struct Paths {
  std::string program = fs::read_symlink("/proc/self/exe").string();
  std::string study, directory;

  std::string sweep_script() const { return directory + "/sweep.sbatch"; }
  std::string merge_script() const { return directory + "/merge.sbatch"; }
  std::string merged() const { return directory + "/merged.h5"; }
  std::string logs() const { return directory + "/logs"; }
};

std::string head(const Paths& paths, const std::string& name, const std::string& log) {
  return fmt::format(
      "#SBATCH --job-name={}\n"
      "#SBATCH --open-mode=append\n"
      "#SBATCH --output={}\n",
      quoted(name), quoted(without_patterns(paths.logs()) + "/" + log));
}

std::string sweep_text(const Paths& paths, const SweepSlurmOptions& options) {
  return fmt::format(
      "#!/bin/bash\n"
      "# The shards of a sweep, each an element of a job array, by `tokenyard sweep slurm`. What "
      "is "
      "done is not\n"
      "# done again: submit it again after failures, all of it or some (sbatch --array=3,7 ...).\n"
      "{}"
      "#SBATCH --array=1-{}\n"
      "#SBATCH --requeue\n"
      "# A minute before its time is up, a shard ends cleanly.\n"
      "#SBATCH --signal=B:TERM@60\n"
      "{}"
      "exec {} sweep run {} \\\n"
      "  --out {} \\\n"
      "  --shard \"$SLURM_ARRAY_TASK_ID\" --of {} --jobs \"${{SLURM_CPUS_ON_NODE:-1}}\" \\\n"
      "  --point-timeout {}\n",
      head(paths, "sweep", "sweep-%A_%a.log"), options.shards, lines_of(options.options),
      quoted(paths.program), quoted(paths.study), quoted(paths.directory), options.shards,
      quoted(options.timeout));
}

std::string merge_text(const Paths& paths, const SweepSlurmOptions& options) {
  return fmt::format(
      "#!/bin/bash\n"
      "# One file of all points, by `tokenyard sweep slurm`; it says which are missing.\n"
      "{}"
      "{}"
      "exec {} sweep merge {} --out {} --force\n",
      head(paths, "merge", "merge-%j.log"), lines_of(options.options), quoted(paths.program),
      quoted(paths.directory), quoted(paths.merged()));
}

void write(const std::string& path, const std::string& text) {
  results::Target target(path, results::Existing::replace);
  target.disk().write(0, text.data(), text.size());
  target.publish();
}

// What a command printed. Throws IoError if it failed; it says why on stderr.
std::string output_of(std::vector<std::string> words) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw results::IoError("cannot make a pipe");
  const sweep::Descriptor from(ends[0]);
  sweep::Descriptor to(ends[1]);
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_adddup2(&files, to.number(), STDOUT_FILENO);
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  pid_t process = -1;
  const int error =
      ::posix_spawnp(&process, pointers[0], &files, nullptr, pointers.data(), environ);
  ::posix_spawn_file_actions_destroy(&files);
  to.close();
  if (error != 0) {
    throw results::IoError(words[0] + " cannot be started (" + std::strerror(error) +
                           "); submit the scripts where Slurm is installed");
  }
  std::string text;
  std::array<char, 4096> part{};
  for (ssize_t size = 0; (size = ::read(from.number(), part.data(), part.size())) != 0;) {
    if (size > 0) text.append(part.data(), static_cast<std::size_t>(size));
    if (size < 0 && errno != EINTR) break;
  }
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw results::IoError(words[0] + " refused " + words.back() +
                           "; change the options after --, or the script, and submit it again");
  }
  return text;
}

// "12;cluster\n" -> "12"
std::string number_of(const std::string& output) {
  return output.substr(0, output.find_first_of(";\n"));
}

void submit(const Paths& paths) {
  const std::string array = number_of(output_of({"sbatch", "--parsable", paths.sweep_script()}));
  const std::string merge = number_of(
      output_of({"sbatch", "--parsable", "--dependency=afterany:" + array, paths.merge_script()}));
  fmt::print(
      "submitted   {} (the sweep), {} (the merge, after it)\n"
      "follow      squeue --job {},{}\n"
      "            tokenyard sweep status {}\n"
      "result      {}\n"
      "go on       sbatch {} again runs what is missing;\n"
      "            sbatch --array=3,7 {} only these shards\n",
      array, merge, array, merge, quoted(paths.directory), paths.merged(),
      quoted(paths.sweep_script()), quoted(paths.sweep_script()));
}

void check(const SweepSlurmOptions& options) {
  constexpr std::uint64_t most = 100'000;
  const std::uint64_t shards = whole_option("--shards", options.shards);
  if (shards < 1 || shards > most) refuse_option("--shards", "is not from 1 to 100000");
  duration_option("--point-timeout", options.timeout);
  for (const std::string& option : options.options) {
    if (option.find('\n') != std::string::npos) refuse_option("--", "an option has two lines");
    if (option.starts_with("--array") || option.starts_with("-a")) {
      refuse_option("--", "'" + option + "' is what --shards says; leave it out");
    }
  }
}

}  // namespace

int sweep_slurm(const SweepSlurmOptions& options) {
  check(options);
  Paths paths;
  paths.study = fs::absolute(options.study).lexically_normal().string();
  paths.directory = fs::absolute(options.out).lexically_normal().string();
  const sweep::Directory directory(paths.directory);
  const sweep::Sweep sweep = begin_sweep(
      paths.study, directory, options.update ? OtherContent::replace : OtherContent::refuse, false);
  directory.create();
  std::error_code error;
  fs::create_directories(paths.logs(), error);
  write(paths.sweep_script(), sweep_text(paths, options));
  write(paths.merge_script(), merge_text(paths, options));
  fmt::print("{}: {} runs in {} shards\nscripts     {}\n            {}\n", sweep.study.name,
             sweep.runs.size(), options.shards, paths.sweep_script(), paths.merge_script());
  if (options.submit) {
    submit(paths);
  } else {
    fmt::print(
        "submit      sbatch {}\n"
        "            sbatch --dependency=afterany:JOB {}\n",
        quoted(paths.sweep_script()), quoted(paths.merge_script()));
  }
  return 0;
}

}  // namespace tokenyard::commands
