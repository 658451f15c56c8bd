// SPDX-License-Identifier: Apache-2.0
#include "core/contracts.hpp"

#include <string>
#include <string_view>

namespace tokenyard {

void contract_violation(const char* kind, const char* text, const char* file, int line) {
  std::string_view path = file;
  if (const auto at = path.rfind("/sim/"); at != std::string_view::npos) path.remove_prefix(at + 1);
  throw ContractViolation("broken " + std::string(kind) + " '" + text + "' at " +
                          std::string(path) + ":" + std::to_string(line));
}

}  // namespace tokenyard
