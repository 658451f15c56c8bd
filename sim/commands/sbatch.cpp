// SPDX-License-Identifier: Apache-2.0
#include "commands/sbatch.hpp"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "results/target.hpp"
#include "sweep/channel.hpp"

namespace tokenyard::commands {
namespace {

struct Said {
  int error = 0;  // why it could not be started, or 0
  int status = 0;
  std::string output, complaints;
};

// In memory rather than in pipes: a program may fill one while another is read.
sweep::Descriptor file_in_memory() {
  sweep::Descriptor file(::memfd_create("sbatch", MFD_CLOEXEC));
  if (!file) throw results::IoError("there is no memory to call sbatch; try again");
  return file;
}

std::string content_of(const sweep::Descriptor& file) {
  std::string text;
  std::array<char, 4096> part{};
  while (true) {
    const ssize_t size =
        ::pread(file.number(), part.data(), part.size(), static_cast<off_t>(text.size()));
    if (size <= 0) return text;
    text.append(part.data(), static_cast<std::size_t>(size));
  }
}

Said call(std::vector<std::string> words) {
  const sweep::Descriptor output = file_in_memory();
  const sweep::Descriptor complaints = file_in_memory();
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_adddup2(&files, output.number(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&files, complaints.number(), STDERR_FILENO);
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  Said said;
  pid_t process = -1;
  said.error = ::posix_spawnp(&process, pointers[0], &files, nullptr, pointers.data(), environ);
  ::posix_spawn_file_actions_destroy(&files);
  if (said.error != 0) return said;
  while (::waitpid(process, &said.status, 0) < 0 && errno == EINTR) {
  }
  said.output = content_of(output);
  said.complaints = content_of(complaints);
  return said;
}

// Several lines as one, without the name that sbatch puts before each.
std::string one_line(const std::string& text) {
  const std::string name = "sbatch: ";
  std::string line;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string part = text.substr(at, end - at);
    if (part.starts_with(name)) part.erase(0, name.size());
    if (!part.empty()) line += (line.empty() ? "" : "; ") + part;
    at = end + 1;
  }
  return line.empty() ? "it does not say why" : line;
}

}  // namespace

std::string submit_batch(const std::string& script, const std::vector<std::string>& options) {
  std::vector<std::string> words = {"sbatch", "--parsable"};
  words.insert(words.end(), options.begin(), options.end());
  words.push_back(script);
  const Said said = call(words);
  if (said.error != 0) {
    throw results::IoError(fmt::format(
        "{}: sbatch cannot be started ({}); submit the scripts where Slurm is installed", script,
        std::strerror(said.error)));
  }
  // "12;cluster\n", where there are several clusters.
  const std::string number = said.output.substr(0, said.output.find_first_of(";\n"));
  if (!WIFEXITED(said.status) || WEXITSTATUS(said.status) != 0 || number.empty()) {
    throw results::IoError(fmt::format(
        "{}: sbatch refused it ({}); change --shards or the options after --, and try again",
        script, one_line(said.complaints)));
  }
  if (!said.complaints.empty()) fmt::print(stderr, "{}", said.complaints);
  return number;
}

}  // namespace tokenyard::commands
