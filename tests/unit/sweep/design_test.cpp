// SPDX-License-Identifier: Apache-2.0
#include "sweep/design.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>
#include <stdexcept>

#include "sweep/sobol.hpp"

using namespace tokenyard;
using sweep::Design;
using sweep::DesignKind;

namespace {

std::string problem_of(const std::string& text) {
  try {
    sweep::parse_design(text);
    return "";
  } catch (const std::invalid_argument& problem) {
    return problem.what();
  }
}

// In how many of `count` equal strata the coordinates lie.
std::size_t strata(const std::vector<double>& coordinates, std::size_t count) {
  std::set<std::size_t> found;
  for (const double x : coordinates) {
    found.insert(static_cast<std::size_t>(x * static_cast<double>(count)));
  }
  return found.size();
}

}  // namespace

TEST_CASE("a design is a name and a number of points") {
  CHECK(sweep::parse_design("grid").kind == DesignKind::grid);
  const Design design = sweep::parse_design("latin-hypercube 200");
  CHECK(design.kind == DesignKind::latin_hypercube);
  CHECK(design.points == 200);
  CHECK(sweep::parse_design("sobol  256").points == 256);
  CHECK(problem_of("sobel 8") == "'sobel' is no design; did you mean 'sobol'?");
  CHECK(problem_of("full") ==
        "'full' is no design; write grid, or like latin-hypercube 200, sobol 256 or random 100");
  CHECK(problem_of("grid 5") == "a grid takes no number; write grid");
  CHECK(problem_of("random") == "random without a number of points; write it like random 200");
  for (const char* text : {"random 0", "random -1", "random 2.5", "random 1000001", "random x",
                           "random 9 9", "random "}) {
    CHECK(problem_of(text).find("is no number of points") != std::string::npos);
  }
}

// From scipy.stats.qmc.Sobol(40, scramble=False, bits=32), times 2^32.
TEST_CASE("Sobol's sequence is that of the published direction numbers") {
  sweep::Sobol sobol(40);
  CHECK(sobol.next() == std::vector<std::uint32_t>(40, 0));
  CHECK(sobol.next() == std::vector<std::uint32_t>(40, 1U << 31));
  for (int i = 2; i < 5; ++i) sobol.next();
  const std::vector<std::uint32_t> eighths = {7, 7, 1, 3, 7, 5, 7, 3, 3, 1, 3, 7, 7, 1,
                                              7, 3, 7, 3, 3, 5, 5, 5, 7, 3, 3, 3, 7, 1,
                                              5, 5, 7, 5, 3, 3, 1, 1, 1, 3, 7, 3};
  std::vector<std::uint32_t> fifth = sobol.next();
  for (std::uint32_t& x : fifth) x >>= 29;
  CHECK(fifth == eighths);
  for (int i = 6; i < 1000; ++i) sobol.next();
  const std::vector<std::uint32_t>& last = sobol.next();
  CHECK(last[0] == 943718400U);
  CHECK(last[1] == 415236096U);
  CHECK(last[20] == 2243952640U);
  CHECK(last[39] == 2059403264U);
}

TEST_CASE("every dimension of Sobol's sequence is even at every power of two") {
  sweep::Sobol sobol(40);
  std::vector<std::set<std::uint32_t>> seen(40);
  for (int i = 0; i < 256; ++i) {
    const auto& point = sobol.next();
    for (std::size_t d = 0; d < 40; ++d) seen[d].insert(point[d] >> 24);
  }
  for (const auto& cells : seen) CHECK(cells.size() == 256);
}

TEST_CASE("a Latin hypercube has one point in each stratum of each axis") {
  const auto points = sweep::sample({DesignKind::latin_hypercube, 50}, 7, {"a", "b", "c"});
  REQUIRE(points.size() == 3);
  for (const auto& axis : points) CHECK(strata(axis, 50) == 50);
  CHECK(points[0] != points[1]);
  CHECK_FALSE(std::is_sorted(points[0].begin(), points[0].end()));
}

TEST_CASE("a shifted Sobol design keeps one point in each stratum of each axis") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const auto points = sweep::sample({DesignKind::sobol, 64}, seed, {"a", "b"});
    for (const auto& axis : points) CHECK(strata(axis, 64) == 64);
    CHECK(points[0][0] != 0.5);
  }
}

TEST_CASE("samples are within the open unit cube and differ from seed to seed") {
  for (const auto kind : {DesignKind::latin_hypercube, DesignKind::sobol, DesignKind::random}) {
    const auto points = sweep::sample({kind, 1000}, 1, {"a"});
    REQUIRE(points[0].size() == 1000);
    CHECK(*std::min_element(points[0].begin(), points[0].end()) > 0);
    CHECK(*std::max_element(points[0].begin(), points[0].end()) < 1);
    double mean = 0;
    for (const double x : points[0]) mean += x / 1000;
    CHECK(std::abs(mean - 0.5) < 4 * std::sqrt(1.0 / 12 / 1000));
    CHECK(points == sweep::sample({kind, 1000}, 1, {"a"}));
    CHECK(points != sweep::sample({kind, 1000}, 2, {"a"}));
  }
}

TEST_CASE("the order of the axes does not move a sample") {
  for (const auto kind : {DesignKind::latin_hypercube, DesignKind::sobol, DesignKind::random}) {
    const auto one = sweep::sample({kind, 16}, 1, {"a", "b", "c"});
    const auto other = sweep::sample({kind, 16}, 1, {"c", "a", "b"});
    CHECK(one[0] == other[1]);
    CHECK(one[1] == other[2]);
    CHECK(one[2] == other[0]);
  }
}
