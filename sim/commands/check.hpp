// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "config/section.hpp"

namespace tokenyard::commands {

struct CheckOptions {
  std::vector<std::string> files;
  std::vector<std::string> sets;
  bool explain = false;
  bool strict = false;
};

// Notes everything that is wrong with a scenario and its variants, its platform included. The
// variants are looked at if nothing is wrong with the scenario itself.
void check_scenario(const std::string& path, const std::vector<std::string>& sets,
                    config::Reading& reading);

// Prints everything that is wrong with each file, and if strict what it has from memory or
// assumed; returns 2 if anything is wrong, else 0.
int check(const CheckOptions& options);

}  // namespace tokenyard::commands
