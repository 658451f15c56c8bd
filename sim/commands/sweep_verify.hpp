// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tokenyard::commands {

// Checks every file of a sweep. Names those that are damaged on stdout, a line each; returns 1 if
// there are any.
int sweep_verify(const std::string& directory);

}  // namespace tokenyard::commands
