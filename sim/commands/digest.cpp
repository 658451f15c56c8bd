// SPDX-License-Identifier: Apache-2.0
#include "commands/digest.hpp"

#include <fmt/format.h>

#include "results/digest.hpp"

namespace tokenyard::commands {

int digest(const std::string& path) {
  fmt::print("{}\n", results::digest(path));
  if (results::verify(path)) return 0;
  fmt::print(stderr, "{}: its content is not what was written; it was changed or damaged since\n",
             path);
  return 1;
}

}  // namespace tokenyard::commands
