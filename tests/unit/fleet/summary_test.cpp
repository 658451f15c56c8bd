// SPDX-License-Identifier: Apache-2.0
#include "fleet/summary.hpp"

#include <catch2/catch.hpp>

using namespace tokenyard;

TEST_CASE("energy is that of whole nodes at the meter of the site") {
  catalog::Accelerator a;
  a.busy = Watts(700);
  a.idle = Watts(70);
  catalog::Rack rack;
  rack.chips_per_node = 8;
  rack.node_power = Watts(10200);
  catalog::Region site;
  site.pue = 1.5;
  fleet::PoolPlan pool;
  pool.deployment.accelerator = &a;
  pool.deployment.tensor = 4;
  pool.rack = &rack;
  pool.site = &site;
  pool.node_share = 2;
  // Idle for 100 s: two nodes of 10,200 - 5,600 W beside sixteen accelerators of 70 W.
  CHECK(fleet::pool_energy(pool, Duration(100), Duration(0)).value() ==
        Approx(1.5 * 100 * (2 * 4600 + 16 * 70)));
  // Replicas busy for 30 s in all: four accelerators each, 630 W more.
  CHECK(fleet::pool_energy(pool, Duration(100), Duration(30)).value() ==
        Approx(1.5 * (100 * (2 * 4600 + 16 * 70) + 30 * 4 * 630)));
}
