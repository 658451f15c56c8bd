// SPDX-License-Identifier: Apache-2.0
#include "sweep/goal_search.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <vector>

using namespace tokenyard;
using sweep::GoalRange;
using sweep::GoalSearch;
using sweep::GoalSense;
using sweep::GoalStatus;

namespace {

struct Sought {
  GoalSearch search;
  std::vector<double> values;
};

Sought seek(const GoalRange& range, const std::function<bool(double)>& meets) {
  Sought sought{GoalSearch(range), {}};
  while (const auto value = sought.search.next()) {
    sought.values.push_back(*value);
    REQUIRE(sought.values.size() < 100);
    sought.search.tell(meets(*value));
  }
  return sought;
}

bool holds(const std::vector<double>& values, double value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

}  // namespace

TEST_CASE("the largest value is found within the tolerance, and was looked at") {
  const GoalRange range{GoalSense::largest, 1, 200, false, 0.02};
  for (double truth = 1; truth < 199; truth *= 1.07) {
    const auto [search, values] = seek(range, [&](double x) { return x <= truth; });
    CAPTURE(truth);
    CHECK(search.status() == GoalStatus::found);
    CHECK(holds(values, search.result()));
    CHECK(search.low() == search.result());
    CHECK(search.low() <= truth);
    CHECK(search.high() > truth);
    CHECK(search.high() - search.low() <= 0.02 * search.low());
    CHECK(search.told() <= 13);
  }
}

TEST_CASE("the fewest are exact, wherever they are") {
  for (const double to : {4.0, 17.0, 300.0}) {
    for (double truth = 3; truth <= to; ++truth) {
      const GoalRange range{GoalSense::fewest, 3, to, true, 0};
      const auto [search, values] = seek(range, [&](double x) { return x >= truth; });
      CHECK(search.result() == truth);
      CHECK(search.status() == (truth == 3 ? GoalStatus::all : GoalStatus::found));
      CHECK(holds(values, truth));
      CHECK((truth == 3 ? std::isnan(search.low()) : search.low() == truth - 1));
      CHECK(search.high() == truth);
    }
  }
}

TEST_CASE("the largest whole number is exact unless a tolerance is given") {
  const auto found = [](double tolerance) {
    return seek({GoalSense::largest, 1, 10'000, true, tolerance},
                [](double x) { return x <= 7777; });
  };
  CHECK(found(0).search.result() == 7777);
  const GoalSearch rough = found(0.1).search;
  CHECK(rough.result() <= 7777);
  CHECK(rough.high() - rough.low() <= 0.1 * rough.low());
  CHECK(rough.told() < found(0).search.told());
}

TEST_CASE("where no value meets it that is known after two") {
  const auto largest =
      seek({GoalSense::largest, 1, 100, false, 0.01}, [](double) { return false; });
  CHECK(largest.search.status() == GoalStatus::none);
  CHECK(std::isnan(largest.search.result()));
  CHECK(largest.values == std::vector<double>{10, 1});
  CHECK(largest.search.high() == 1);
  const auto fewest = seek({GoalSense::fewest, 1, 4, true, 0}, [](double) { return false; });
  CHECK(fewest.search.status() == GoalStatus::none);
  CHECK(fewest.values == std::vector<double>{2, 4});
  CHECK(fewest.search.low() == 4);
}

TEST_CASE("where all values meet it the end is looked at too") {
  const auto largest = seek({GoalSense::largest, 1, 100, false, 0.02}, [](double) { return true; });
  CHECK(largest.search.status() == GoalStatus::all);
  CHECK(largest.search.result() == 100);
  CHECK(holds(largest.values, 100));
  CHECK(std::isnan(largest.search.high()));
  const auto fewest = seek({GoalSense::fewest, 1, 64, true, 0}, [](double) { return true; });
  CHECK(fewest.search.status() == GoalStatus::all);
  CHECK(fewest.search.result() == 1);
}

TEST_CASE("wide brackets are halved by ratio, narrow ones by difference, in few digits") {
  const auto by_ratio =
      seek({GoalSense::largest, 1, 100, false, 0.02}, [](double x) { return x < 3; });
  CHECK(std::vector(by_ratio.values.begin(), by_ratio.values.begin() + 4) ==
        std::vector<double>{10, 1, 3.16228, 2.08114});
  const auto by_difference =
      seek({GoalSense::largest, 10, 40, false, 0.05}, [](double x) { return x < 26; });
  CHECK(std::vector(by_difference.values.begin(), by_difference.values.begin() + 2) ==
        std::vector<double>{25, 32.5});
}

TEST_CASE("two neighbouring whole numbers, and a range within the tolerance, are looked at") {
  const GoalRange pair{GoalSense::largest, 4, 5, true, 0};
  CHECK(seek(pair, [](double x) { return x <= 4; }).search.result() == 4);
  CHECK(seek(pair, [](double x) { return x <= 5; }).search.result() == 5);
  CHECK(seek(pair, [](double) { return false; }).search.status() == GoalStatus::none);
  const GoalRange narrow{GoalSense::largest, 1, 1.001, false, 0.02};
  CHECK(seek(narrow, [](double x) { return x <= 1; }).search.result() == 1);
  CHECK(seek(narrow, [](double) { return true; }).search.status() == GoalStatus::all);
}

TEST_CASE("a result that a closer look refutes is given up for a lower one") {
  const GoalRange range{GoalSense::largest, 1, 64, true, 0};
  const auto rough = [](double x) { return x <= 40; };
  GoalSearch search(range);
  while (const auto value = search.next()) search.tell(rough(*value));
  REQUIRE(search.result() == 40);
  int refuted = 0;
  for (; search.result() > 36; ++refuted) {
    search.retract();
    while (const auto value = search.next()) {
      CHECK(*value < 40);
      search.tell(rough(*value));
    }
  }
  CHECK(refuted >= 1);
  CHECK(search.status() == GoalStatus::found);
  CHECK(search.high() == search.low() + 1);
}

TEST_CASE("the only result that is refuted leaves none") {
  GoalSearch search({GoalSense::largest, 1, 2, true, 0});
  search.tell(true);
  search.tell(false);
  REQUIRE(search.result() == 1);
  search.retract();
  CHECK_FALSE(search.next());
  CHECK(search.status() == GoalStatus::none);
}

TEST_CASE("how many values a search takes is known roughly before") {
  CHECK(sweep::expected_values({GoalSense::largest, 1, 200, false, 0.02}) ==
        Approx(10).margin(1.5));
  CHECK(sweep::expected_values({GoalSense::fewest, 1, 64, true, 0}) == Approx(6.5).margin(1));
}
