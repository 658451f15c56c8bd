// SPDX-License-Identifier: Apache-2.0
#include "fleet/energy.hpp"

#include <array>
#include <catch2/catch.hpp>

#include "fleet/accounting.hpp"
#include "fleet/carbon_hours.hpp"

namespace tokenyard::fleet {
namespace {

constexpr PowerDraw kilowatt{Watts(1000), Watts(0), 1, 1, 1, 1};

}  // namespace

TEST_CASE("energy is that of a pool's nodes, by what they do, at the meter of the site") {
  catalog::Accelerator a;
  a.busy = Watts(700);
  a.idle = Watts(70);
  catalog::Rack rack;
  rack.chips_per_node = 8;
  rack.node_power = Watts(10200);
  catalog::Region site;
  site.pue = 1.5;
  PoolPlan pool;
  pool.deployment.accelerator = &a;
  pool.deployment.tensor = 4;
  pool.rack = &rack;
  pool.site = &site;
  pool.node_share = 2;
  EnergyRules rules;
  rules.prefill = 0.9;
  rules.decode = 0.5;
  rules.overhead = 1.25;
  const PowerDraw draw = draw_of(pool, rules);
  // Idle for 100 s: two nodes of 10,200 - 5,600 W beside sixteen accelerators of 70 W.
  const double idle = 100 * (2 * 4600 + 16 * 70);
  CHECK(draw.energy(Duration(100), Duration(0), Duration(0)).value() == Approx(1.25 * 1.5 * idle));
  // Replicas busy for 30 s in all, 10 s of it reading: four accelerators each, of 630 W more.
  CHECK(draw.energy(Duration(100), Duration(30), Duration(10)).value() ==
        Approx(1.25 * 1.5 * (idle + 4 * 630 * (10 * 0.9 + 20 * 0.5))));
}

TEST_CASE("carbon follows the hours, and they repeat") {
  std::array<double, 24> day{};
  day[0] = 100;
  day[1] = 300;
  day[23] = 50;
  const std::array looks = {BusyUpTo{0}, BusyUpTo{3600}, BusyUpTo{7200}};
  CHECK(carbon_kg(kilowatt, looks, day, Duration(0)) == Approx(0.4));
  CHECK(carbon_kg(kilowatt, looks, day, Duration(23 * 3600)) == Approx(0.15));
  CHECK(carbon_kg(kilowatt, looks, day, Duration(24 * 3600)) == Approx(0.4));
  // Half an hour of each of two.
  CHECK(carbon_kg(kilowatt, std::array{BusyUpTo{0}, BusyUpTo{3600}}, day, Duration(1800)) ==
        Approx(0.2));
}

TEST_CASE("carbon counts when power is drawn, not only how much") {
  const PowerDraw draw{Watts(0), Watts(1000), 1, 0.5, 1, 1};
  const std::array<double, 2> hours = {100, 300};
  const std::array early = {BusyUpTo{0}, BusyUpTo{3600, Duration(3600), Duration(3600)},
                            BusyUpTo{7200, Duration(3600), Duration(3600)}};
  const std::array late = {BusyUpTo{0}, BusyUpTo{3600},
                           BusyUpTo{7200, Duration(3600), Duration(0)}};
  CHECK(carbon_kg(draw, early, hours, Duration(0)) == Approx(0.1));
  CHECK(carbon_kg(draw, late, hours, Duration(0)) == Approx(0.15));
}

TEST_CASE("hours of carbon are listed one by one, from the first") {
  CHECK(parse_carbon_hours("hour,g_per_kwh\n0,380\r\n1,12.5\n").g_per_kwh ==
        std::vector<double>{380, 12.5});
  for (const char* text :
       {"", "0,380\n", "hour,g_per_kwh\n", "hour,g_per_kwh\n1,380\n",
        "hour,g_per_kwh\n0,380\n0,380\n", "hour,g_per_kwh\n0,-1\n", "hour,g_per_kwh\n0,many\n",
        "hour,g_per_kwh\n0\n", "hour,g_per_kwh\n0,nan\n"}) {
    INFO(text);
    CHECK_FALSE(parse_carbon_hours(text).problem.empty());
  }
}

}  // namespace tokenyard::fleet
