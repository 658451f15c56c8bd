// SPDX-License-Identifier: Apache-2.0
#include "fleet/load_index.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "core/random.hpp"
#include "fleet/router.hpp"

using namespace tokenyard;

TEST_CASE("the least load is found whatever the number of replicas, ties by the lowest number") {
  RandomStream draw(5, 0, "load");
  for (const std::size_t size : {1U, 2U, 3U, 5U, 64U, 100U}) {
    fleet::LoadIndex index(size);
    std::vector<std::int64_t> loads(size, 0);
    for (int step = 0; step < 2000; ++step) {
      const std::size_t i = draw.below(size);
      const std::int64_t change = loads[i] > 0 && draw.below(2) == 0 ? -1 : 1;
      loads[i] += change;
      index.add(i, change);
      const auto least = std::min_element(loads.begin(), loads.end()) - loads.begin();
      REQUIRE(index.least() == static_cast<std::size_t>(least));
    }
  }
}

TEST_CASE("power-of-two compares two different replicas, and every pair is drawn") {
  fleet::LoadIndex loads(3);
  loads.add(0, 5);
  loads.add(1, 3);
  loads.add(2, 1);
  RandomStream stream(1, 0, "router");
  fleet::PoolView view(loads, stream);
  for (const auto& entry : fleet::routers()) {
    const auto router = entry.make();
    std::array<int, 3> chosen{};
    for (int i = 0; i < 3000; ++i) ++chosen[router->choose({}, view)];
    INFO(entry.name);
    if (entry.name == "least-loaded") CHECK(chosen == std::array<int, 3>{0, 0, 3000});
    if (entry.name == "round-robin") CHECK(chosen == std::array<int, 3>{1000, 1000, 1000});
    // Of the three pairs, replica 2 wins two and replica 1 the other.
    if (entry.name == "power-of-two")
      CHECK((chosen[0] == 0 && chosen[1] > 850 && chosen[1] < 1150));
    if (entry.name == "random") CHECK((chosen[0] > 850 && chosen[1] > 850 && chosen[2] > 850));
  }
}
