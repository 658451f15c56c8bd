// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tokenyard::commands {

// Prints the digest of a result file; exit code 1 if it is not the one the file was written with.
int digest(const std::string& path);

}  // namespace tokenyard::commands
