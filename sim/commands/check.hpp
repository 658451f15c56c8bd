// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tokenyard::commands {

struct CheckOptions {
  std::vector<std::string> files;
  std::vector<std::string> sets;
  bool explain = false;
};

// Prints everything that is wrong with each file; returns 2 if anything is, else 0.
int check(const CheckOptions& options);

}  // namespace tokenyard::commands
