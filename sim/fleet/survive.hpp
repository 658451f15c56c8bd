// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fleet/scenario.hpp"
#include "fleet/summary.hpp"

namespace tokenyard::fleet {

// What a fleet may lose of one kind: a node, a rack, a region that replicas stand on.
struct Loss {
  std::string name;             // of the first of those that are alike
  std::int64_t stands_for = 1;  // so many are alike: they take as many replicas of each pool
  std::vector<std::uint32_t> replicas;  // that are lost with it; numbers over all pools
  std::vector<std::int64_t> by_pool;    // how many of each, of those on at the start
};

// All that `Scenario::survive` asks for, those that are alike once, in the order of the platform.
// The replicas of a pool are alike; of a pool that is scaled, those on and those off at the start.
std::vector<Loss> distinct_losses(const Scenario& scenario);

// Whether a run attained what was agreed, and where it was nearest to failing.
struct Verdict {
  std::string slo_class;  // of the least margin
  double attainment = results::no_value;
  double wanted = 1;
  bool survives = true;
};
Verdict verdict_of(const Summary& summary);

}  // namespace tokenyard::fleet
