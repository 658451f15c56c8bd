// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tokenyard::commands {

struct PlatformInfoOptions {
  std::string file;
  std::string from;  // regions; both or none
  std::string to;
  std::vector<std::string> lost;  // regions and links
  bool json = false;
};

// Prints what stands where, how far apart regions are, what flows between two of them, and what a
// loss costs. Returns the exit code.
int platform_info(const PlatformInfoOptions& options);

}  // namespace tokenyard::commands
