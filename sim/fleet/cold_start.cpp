// SPDX-License-Identifier: Apache-2.0
// Replicas that begin without their weights, and the stores that have them.
#include <algorithm>

#include "fleet/placement.hpp"
#include "fleet/scenario.hpp"

namespace tokenyard::fleet {

using config::Section;

void read_cold_start(Section section, PoolPlan& pool) {
  ColdStart& cold = pool.cold_start.emplace();
  cold.store = section.required<std::string>("weights_from");
  cold.start_up = section.required<Duration>("start_up", config::not_negative);
  static constexpr std::array<std::string_view, 2> starts = {"cold", "warm"};
  cold.at_start = section.choice("at_start", starts, 0) == 0;
  section.finish();
}

void read_stores(Section& fleet, Placement& placement, Scenario& scenario) {
  if (!fleet.has("stores")) return;
  for (Section& section : fleet.children("stores")) {
    WeightStore store;
    store.name = section.required<std::string>("name");
    store.plan.at = section.required<std::string>("at");
    store.plan.nodes =
        std::max<std::int64_t>(1, section.optional<std::int64_t>("nodes", 1, {1, 1e6}));
    for (const WeightStore& other : scenario.stores) {
      if (other.name == store.name) section.mistake("name", "names two stores; rename one");
    }
    placement.place(section, "at", store.plan);
    section.finish();
    scenario.stores.push_back(std::move(store));
  }
}

void join_stores(std::vector<Section>& sections, Scenario& scenario) {
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    auto& cold = scenario.pools[i].cold_start;
    if (!cold || cold->store.empty()) continue;
    const auto store = std::find_if(scenario.stores.begin(), scenario.stores.end(),
                                    [&](const WeightStore& s) { return s.name == cold->store; });
    if (store == scenario.stores.end()) {
      sections[i]
          .child("cold_start")
          .mistake("weights_from", "'" + cold->store + "' is not among fleet.stores; add it there");
      continue;
    }
    cold->number = static_cast<std::size_t>(store - scenario.stores.begin());
  }
}

}  // namespace tokenyard::fleet
