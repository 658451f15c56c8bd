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
};

// Notes everything that is wrong with a scenario and its variants, its platform included. The
// variants are looked at if nothing is wrong with the scenario itself.
void check_scenario(const std::string& path, const std::vector<std::string>& sets,
                    config::Reading& reading);

// Prints everything that is wrong with each file; returns 2 if anything is, else 0.
int check(const CheckOptions& options);

}  // namespace tokenyard::commands
