// SPDX-License-Identifier: Apache-2.0
#include "commands/named_files.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tokenyard::commands {

void print_named(const std::vector<sweep::Named>& files, const std::string& kind) {
  constexpr std::size_t most = 20;
  if (files.empty()) return;
  fmt::print(stderr, "{} {} {}:\n", files.size(), files.size() == 1 ? "file is" : "files are",
             kind);
  for (std::size_t i = 0; i < std::min(most, files.size()); ++i) {
    fmt::print(stderr, "  {} {}\n", files[i].file, files[i].text);
  }
  if (files.size() > most) fmt::print(stderr, "  and {} more\n", files.size() - most);
}

}  // namespace tokenyard::commands
