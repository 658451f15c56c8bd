// SPDX-License-Identifier: Apache-2.0
#include "fleet/survive.hpp"

#include <algorithm>
#include <limits>

namespace tokenyard::fleet {
namespace {

// How many replicas of each pool a component takes: those on at the start, and those off.
struct Taken {
  std::vector<std::int64_t> on;
  std::vector<std::int64_t> off;

  bool operator==(const Taken&) const = default;
};

Taken taken_by(const Component& component, const std::vector<PoolPlan>& pools) {
  Taken taken{std::vector<std::int64_t>(pools.size()), std::vector<std::int64_t>(pools.size())};
  for (const std::uint32_t replica : component.replicas) {
    std::int64_t number = replica;
    std::size_t pool = 0;
    while (number >= pools[pool].replicas) number -= pools[pool++].replicas;
    ++(number < pools[pool].initial ? taken.on : taken.off)[pool];
  }
  return taken;
}

}  // namespace

std::vector<Loss> distinct_losses(const Scenario& scenario) {
  // What fails or is maintained at dates of its own makes replicas unlike.
  const bool may_be_alike = !scenario.faults.befalls() && scenario.faults.scripted.empty() &&
                            scenario.maintenance.empty();
  std::vector<Loss> losses;
  std::vector<Taken> seen;
  for (Component& component : components_of(scenario, *scenario.survive)) {
    Taken taken = taken_by(component, scenario.pools);
    const auto alike = std::find(seen.begin(), seen.end(), taken);
    if (may_be_alike && alike != seen.end()) {
      ++losses[static_cast<std::size_t>(alike - seen.begin())].stands_for;
      continue;
    }
    losses.push_back({component.name, 1, std::move(component.replicas), taken.on});
    seen.push_back(std::move(taken));
  }
  return losses;
}

Verdict verdict_of(const Summary& summary) {
  Verdict verdict;
  double least = std::numeric_limits<double>::infinity();
  for (const ClassSummary& c : summary.classes) {
    if (c.arrived == 0) continue;
    const double attainment = c.attainment >= 0 ? c.attainment : 0;  // none has ended
    const double margin = attainment - c.wanted;
    if (margin >= least) continue;
    least = margin;
    verdict = {c.name, attainment, c.wanted, margin >= 0};
  }
  return verdict;
}

}  // namespace tokenyard::fleet
