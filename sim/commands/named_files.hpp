// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sweep/verify.hpp"

namespace tokenyard::commands {

// Names files of one kind on stderr: how many, then the first of them.
void print_named(const std::vector<sweep::Named>& files, const std::string& kind);

}  // namespace tokenyard::commands
