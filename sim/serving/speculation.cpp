// SPDX-License-Identifier: Apache-2.0
#include "serving/speculation.hpp"

#include "core/random.hpp"
#include "traffic/number_set.hpp"

namespace tokenyard::serving {

std::int64_t Speculation::accepted(RequestId id, Tokens written) const {
  RandomStream draw(
      traffic::mixed(traffic::mixed(seed, index(id)), static_cast<std::uint64_t>(written.value())));
  std::int64_t accepted = 0;
  for (const double chance : acceptance) {
    if (draw.uniform() >= chance) break;
    ++accepted;
  }
  return accepted;
}

}  // namespace tokenyard::serving
