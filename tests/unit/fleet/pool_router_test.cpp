// SPDX-License-Identifier: Apache-2.0
#include "fleet/pool_router.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <vector>

using namespace tokenyard;
using fleet::PoolRouterRules;
using fleet::PoolState;

namespace {

std::unique_ptr<fleet::PoolRouter> router(std::string_view name,
                                          const PoolRouterRules& rules = {}) {
  for (const auto& entry : fleet::pool_routers()) {
    if (entry.name == name) return entry.make(rules);
  }
  FAIL("no router " << name);
  return nullptr;
}

traffic::Slo limits(double ttft, double tpot) {
  traffic::Slo slo;
  slo.ttft = Duration(ttft);
  slo.tpot = Duration(tpot);
  return slo;
}

std::size_t choose(std::string_view name, const std::vector<PoolState>& states,
                   const traffic::Slo& slo = {}, const PoolRouterRules& rules = {}) {
  RandomStream draws(1, 0, "pools");
  return router(name, rules)->choose({}, slo, states, draws);
}

// Three pools, ranked as they stand, alike otherwise.
std::vector<PoolState> three() {
  std::vector<PoolState> states(3);
  for (std::size_t i = 0; i < 3; ++i) {
    states[i].rank = i;
    states[i].sequences = 100;
    states[i].network = Duration(0.1);
    states[i].ttft = Duration(0.5);
    states[i].tpot = Duration(0.02);
  }
  return states;
}

}  // namespace

TEST_CASE("no router picks a pool that is down, whatever speaks for it; ties go by rank") {
  for (const auto& entry : fleet::pool_routers()) {
    INFO(entry.name);
    std::vector<PoolState> states = three();
    states[0].up = false;
    states[0].network = Duration(0);
    states[0].ttft = Duration(0);
    states[0].weight = 1000;
    RandomStream draws(1, 0, "pools");
    const auto made = entry.make({});
    for (int i = 0; i < 100; ++i) {
      const std::size_t choice = made->choose({}, {}, states, draws);
      REQUIRE((choice == 1 || choice == 2));
      if (entry.name != "weighted") REQUIRE(choice == 1);
    }
    states[1].rank = 2;
    states[2].rank = 1;
    if (entry.name != "weighted") CHECK(made->choose({}, {}, states, draws) == 2);
    states[2].up = false;
    states[1].requests = 1e9;
    CHECK(made->choose({}, limits(0.001, 0.001), states, draws) == 1);
  }
}

TEST_CASE("nearest takes the least network time, of pools equally near the less loaded") {
  std::vector<PoolState> states = three();
  states[2].network = Duration(0.05);
  states[2].requests = 1000;
  CHECK(choose("nearest", states) == 2);
  states[1].network = Duration(0.05);
  CHECK(choose("nearest", states) == 1);
  states[1].requests = 1001;
  CHECK(choose("nearest", states) == 2);
}

TEST_CASE("weighted draws in proportion to the weights of those that are up") {
  std::vector<PoolState> states = three();
  states[0].weight = 3;
  states[1].weight = 0;
  states[2].weight = 1;
  const auto weighted = router("weighted");
  RandomStream draws(1, 0, "pools");
  std::map<std::size_t, int> chosen;
  for (int i = 0; i < 40000; ++i) ++chosen[weighted->choose({}, {}, states, draws)];
  CHECK(chosen[0] == Approx(30000).margin(5 * 87));
  CHECK(chosen[1] == 0);
  states[0].up = false;
  CHECK(weighted->choose({}, {}, states, draws) == 2);
  states[2].weight = 0;
  CHECK(weighted->choose({}, {}, states, draws) == 1);
}

TEST_CASE("least-loaded counts requests per sequence that may run") {
  std::vector<PoolState> states = three();
  states[0].requests = 30;
  states[1].requests = 50;
  states[1].sequences = 200;
  states[2].requests = 26;
  CHECK(choose("least-loaded", states) == 1);
}

TEST_CASE("the expected TTFT is the network and what requests waited lately, times an overload") {
  PoolState state = three().front();
  CHECK(fleet::expected_ttft(state).value() == Approx(0.6));
  state.requests = 99;
  CHECK(fleet::expected_ttft(state).value() == Approx(0.6));
  state.requests = 299;
  CHECK(fleet::expected_ttft(state).value() == Approx(0.1 + 3 * 0.5));
  state.ttft = Duration(0);
  CHECK(fleet::expected_ttft(state) == Duration(0.1));
  CHECK(fleet::expected_to_meet(state, limits(0.1, 0.02)));
  CHECK_FALSE(fleet::expected_to_meet(state, limits(0.099, 1)));
  CHECK_FALSE(fleet::expected_to_meet(state, limits(1, 0.0199)));
}

TEST_CASE("slo-aware takes the least expected TTFT where the tpot is met") {
  std::vector<PoolState> states = three();
  states[1].network = Duration(0.05);
  states[2].ttft = Duration(0.3);
  CHECK(choose("slo-aware", states) == 2);
  states[2].tpot = Duration(0.2);
  CHECK(choose("slo-aware", states, limits(1, 0.1)) == 1);
  CHECK(choose("slo-aware", states, limits(1, 0.01)) == 2);  // none: the least of all
}

TEST_CASE("cheapest and least-carbon take what meets the SLO, else the least expected TTFT") {
  std::vector<PoolState> states = three();
  states[0].usd_per_million_tokens = states[0].carbon_g_per_kwh = 1;
  states[1].usd_per_million_tokens = states[1].carbon_g_per_kwh = 2;
  states[2].usd_per_million_tokens = states[2].carbon_g_per_kwh = 2;
  states[0].ttft = Duration(2);
  states[2].ttft = Duration(0.4);
  for (const char* name : {"cheapest", "least-carbon"}) {
    INFO(name);
    CHECK(choose(name, states) == 0);
    CHECK(choose(name, states, limits(1, 1)) == 2);  // equally good: the sooner one
    CHECK(choose(name, states, limits(0.1, 1)) == 2);
    states[1].usd_per_million_tokens = states[1].carbon_g_per_kwh = 1.5;
    CHECK(choose(name, states, limits(1, 1)) == 1);
    states[1].usd_per_million_tokens = states[1].carbon_g_per_kwh = 2;
  }
  states[0].usd_per_million_tokens = 3;  // each looks at its own
  CHECK(choose("cheapest", states) == 2);
  CHECK(choose("least-carbon", states) == 0);
}

TEST_CASE("spill-over passes by what is at a threshold, and comes back to the first when all are") {
  std::vector<PoolState> states = three();
  states[0].requests = 79;
  CHECK(choose("spill-over", states) == 0);
  states[0].requests = 80;
  CHECK(choose("spill-over", states) == 1);
  states[1].up = false;
  CHECK(choose("spill-over", states) == 2);
  states[2].requests = 90;
  CHECK(choose("spill-over", states) == 0);
  PoolRouterRules rules;
  rules.threshold_load = std::numeric_limits<double>::infinity();
  rules.threshold_tokens = 1000;
  states[0].tokens = 999;
  CHECK(choose("spill-over", states, {}, rules) == 0);
  states[0].tokens = 1000;
  CHECK(choose("spill-over", states, {}, rules) == 2);
}

TEST_CASE("failover takes the first in order that is up, however loaded") {
  std::vector<PoolState> states = three();
  states[0].requests = 1e6;
  CHECK(choose("failover", states) == 0);
  states[0].up = false;
  CHECK(choose("failover", states) == 1);
  states[2].rank = 0;
  states[0].rank = 2;
  CHECK(choose("failover", states) == 2);
}

TEST_CASE("a recent mean weighs by age and forgets when nothing was seen for long") {
  fleet::RecentMean mean(Duration(10));
  CHECK(mean.mean(Instant(5)) == Duration(0));
  mean.add(Duration(1), Instant(5));
  CHECK(mean.mean(Instant(5)) == Duration(1));
  mean.add(Duration(4), Instant(5));
  CHECK(mean.mean(Instant(8)).value() == Approx(2.5));
  mean.add(Duration(4), Instant(15));
  // Both before weigh 1/e now.
  const double w = 0.36787944117144233;
  CHECK(mean.mean(Instant(25)).value() == Approx((5 * w + 4) / (2 * w + 1)));
  CHECK(mean.mean(Instant(25.1)) == Duration(0));
  mean.add(Duration(7), Instant(100));
  CHECK(mean.mean(Instant(100)) == Duration(7));
}
