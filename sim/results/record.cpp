// SPDX-License-Identifier: Apache-2.0
#include "results/record.hpp"

#include <cstddef>

#include "core/contracts.hpp"

namespace tokenyard::results {

std::string_view name(Status status) {
  const auto at = static_cast<std::size_t>(status);
  SIM_EXPECT(at < status_names.size());
  return status_names[at];
}

}  // namespace tokenyard::results
