// SPDX-License-Identifier: Apache-2.0
#include "fleet/maintenance.hpp"

#include <catch2/catch.hpp>
#include <deque>

using namespace tokenyard;
using namespace tokenyard::fleet;

namespace {

constexpr double hour = 3600;
constexpr double day = 24 * hour;

MaintenancePlan plan_of(std::uint32_t replicas) {
  MaintenancePlan plan;
  for (std::uint32_t i = 0; i < replicas; ++i) plan.replicas.push_back(10 + i);
  plan.starts = Instant(100);
  plan.takes = Duration(50);
  return plan;
}

// When each replica went, if each drains for so long.
std::vector<std::pair<double, std::uint32_t>> rounds(const MaintenancePlan& plan, double drains,
                                                     double end) {
  MaintenanceCrew crew(plan);
  std::vector<std::pair<double, std::uint32_t>> went;
  std::deque<std::pair<double, std::uint32_t>> away;
  for (;;) {
    const double back = away.empty() ? Instant::never().value() : away.front().first;
    const double now = std::min(back, crew.next().value());
    if (!(now < end)) return went;
    if (back <= now) {
      crew.returned(away.front().second, Instant(now));
      away.pop_front();
      continue;
    }
    for (const std::uint32_t replica : crew.begin(Instant(now))) {
      went.emplace_back(now, replica);
      away.emplace_back(now + drains + plan.takes.value(), replica);
    }
    REQUIRE(std::ssize(away) <= plan.at_once);
  }
}

using Went = std::vector<std::pair<double, std::uint32_t>>;

}  // namespace

TEST_CASE("one replica goes after the other is back") {
  CHECK(rounds(plan_of(3), 5, 1e9) == Went{{100, 10}, {155, 11}, {210, 12}});
}

TEST_CASE("so many replicas go at once, and the next when one is back") {
  MaintenancePlan plan = plan_of(5);
  plan.at_once = 2;
  CHECK(rounds(plan, 0, 1e9) == Went{{100, 10}, {100, 11}, {150, 12}, {150, 13}, {200, 14}});
}

TEST_CASE("a round comes again; one that is due before the last has ended is left out") {
  MaintenancePlan plan = plan_of(2);
  plan.every = Duration(1000);
  CHECK(rounds(plan, 0, 2500) ==
        Went{{100, 10}, {150, 11}, {1100, 10}, {1150, 11}, {2100, 10}, {2150, 11}});
  plan.every = Duration(60);  // a round takes 100
  CHECK(rounds(plan, 0, 500) ==
        Went{{100, 10}, {150, 11}, {220, 10}, {270, 11}, {340, 10}, {390, 11}, {460, 10}});
}

TEST_CASE("replicas go within a window of the day only, if they are back before it closes") {
  MaintenancePlan plan = plan_of(5);
  plan.takes = Duration(0.5 * hour);
  plan.patience = Duration(0.25 * hour);
  plan.window = DayWindow{Duration(2 * hour), Duration(2 * hour)};
  // At 2:00, 2:45; at 3:30 there is no time left.
  CHECK(rounds(plan, 0.25 * hour, 1e9) == Went{{2 * hour, 10},
                                               {2.75 * hour, 11},
                                               {day + 2 * hour, 12},
                                               {day + 2.75 * hour, 13},
                                               {2 * day + 2 * hour, 14}});
  SECTION("exactly fitting counts") {
    plan.window->length = Duration(1.5 * hour);
    CHECK(rounds(plan, 0.25 * hour, day) == Went{{2 * hour, 10}, {2.75 * hour, 11}});
  }
  SECTION("the run begins within it") {
    plan.clock = Duration(2.5 * hour);
    CHECK(rounds(plan, 0.25 * hour, day) == Went{{100, 10}, {23.5 * hour, 11}});
  }
  SECTION("it goes on after midnight") {
    plan.window = DayWindow{Duration(23.5 * hour), Duration(1.5 * hour)};
    CHECK(rounds(plan, 0.25 * hour, day) == Went{{100, 10}, {23.5 * hour, 11}});
  }
}

TEST_CASE("a replica that was not there to go is passed over") {
  MaintenancePlan plan = plan_of(3);
  plan.every = Duration(1000);
  MaintenanceCrew crew(plan);
  for (const double due : {100.0, 1100.0, 2100.0}) {
    CHECK(crew.next() == Instant(due));
    for (int i = 0; i < 3; ++i) crew.returned(crew.begin(Instant(due)).front(), Instant(due));
  }
  CHECK(crew.next() == Instant(3100));
}

TEST_CASE("without replicas nothing is to be done") {
  CHECK(MaintenanceCrew(plan_of(0)).next() == Instant::never());
}
