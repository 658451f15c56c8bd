// SPDX-License-Identifier: Apache-2.0
#include "commands/sweep_verify.hpp"

#include <fmt/format.h>

#include "commands/named_files.hpp"
#include "commands/terminal.hpp"

namespace tokenyard::commands {
namespace {

void print_runs(const sweep::Verified& found, const std::string& directory) {
  if (!found.unknown.empty()) {
    fmt::print(stderr, "{}\nso it is not known what is missing\n", found.unknown);
  } else if (found.missing > 0) {
    fmt::print(stderr, "{} of {} runs have no file yet; tokenyard sweep run STUDY --out {}\n",
               found.missing, found.runs, directory);
  }
}

}  // namespace

int sweep_verify(const std::string& directory) {
  const sweep::Verified found =
      sweep::verify(sweep::Directory(directory), [](std::size_t done, std::size_t all) {
        if (done % 50 == 0 || done == all) show_done(done, all, "files");
      });
  for (const sweep::Named& file : found.damaged) fmt::print("{}: {}\n", file.file, file.text);
  print_named(found.foreign, "no part of the study");
  print_runs(found, directory);
  if (found.damaged.empty()) {
    fmt::print(stderr, "{} point files are as they were written\n", found.checked);
    return 0;
  }
  fmt::print(stderr,
             "{} of {} files are damaged; remove them, and run again: tokenyard sweep run "
             "STUDY --out {}\n",
             found.damaged.size(), found.checked + 1, directory);
  return 1;
}

}  // namespace tokenyard::commands
