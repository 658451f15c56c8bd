// SPDX-License-Identifier: Apache-2.0
#include "results/histogram.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>

using namespace tokenyard;
using namespace tokenyard::results;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double log_uniform(std::mt19937_64& random) {
  return std::pow(10.0, std::uniform_real_distribution(-9.0, 9.0)(random));
}

}  // namespace

TEST_CASE("the rank of a quantile is the least that covers its share of the values") {
  CHECK(nearest_rank(0, 10) == 1);
  CHECK(nearest_rank(0.5, 1) == 1);
  CHECK(nearest_rank(0.5, 10) == 5);
  CHECK(nearest_rank(0.51, 10) == 6);
  CHECK(nearest_rank(0.99, 1000) == 990);
  CHECK(nearest_rank(0.999, 1000) == 999);
  CHECK(nearest_rank(1, 10) == 10);
}

TEST_CASE("a per cent of a hundred values is that many, whatever its product rounds to") {
  for (std::uint64_t k = 1; k <= 100; ++k)
    for (const std::uint64_t hundreds : {1U, 7U, 1'000'000U})
      CHECK(nearest_rank(static_cast<double>(k) / 100, 100 * hundreds) == k * hundreds);
}

TEST_CASE("a rank never exceeds the number of values") {
  constexpr std::uint64_t many = (std::uint64_t{1} << 60) + 1;
  CHECK(nearest_rank(1, many) == many);
  CHECK(nearest_rank(std::nextafter(1.0, 0.0), 3) == 3);
}

TEST_CASE("a quantile is within one per cent of the exact one, over all magnitudes") {
  std::mt19937_64 random(1);
  for (const std::size_t n : {1U, 2U, 17U, 1000U, 20'000U}) {
    LogHistogram histogram;
    std::vector<double> values(n);
    for (double& value : values) histogram.add(value = log_uniform(random));
    std::sort(values.begin(), values.end());
    for (const double q : {0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
      const double exact = values[nearest_rank(q, n) - 1];
      CHECK(std::abs(histogram.quantile(q) - exact) <= 0.01 * exact);
    }
    CHECK(histogram.min() == values.front());
    CHECK(histogram.max() == values.back());
    CHECK(histogram.count() == n);
  }
}

TEST_CASE("every value lies within the bounds of its bucket") {
  std::mt19937_64 random(2);
  for (int i = 0; i < 20'000; ++i) {
    const double value = log_uniform(random);
    const auto [low, high] = LogHistogram::bounds(LogHistogram::bucket_of(value));
    REQUIRE(low <= value);
    REQUIRE(value < high);
  }
}

TEST_CASE("buckets follow each other without gap or overlap") {
  const std::size_t top = LogHistogram::bucket_of(infinity);
  CHECK(LogHistogram::bounds(0).low == 0);
  CHECK(LogHistogram::bounds(top).high == infinity);
  for (std::size_t bucket = 1; bucket <= top; ++bucket) {
    const double edge = LogHistogram::bounds(bucket).low;
    REQUIRE(edge == LogHistogram::bounds(bucket - 1).high);
    REQUIRE(LogHistogram::bucket_of(edge) == bucket);
    REQUIRE(LogHistogram::bucket_of(std::nextafter(edge, 0.0)) == bucket - 1);
  }
}

TEST_CASE("values too small or too great share the end buckets, and zero has no sign") {
  CHECK(LogHistogram::bucket_of(0.0) == 0);
  CHECK(LogHistogram::bucket_of(-0.0) == 0);
  CHECK(LogHistogram::bucket_of(1e-10) == 0);
  CHECK(LogHistogram::bucket_of(std::numeric_limits<double>::denorm_min()) == 0);
  CHECK(LogHistogram::bucket_of(1e10) == LogHistogram::bucket_of(infinity));
  LogHistogram histogram;
  histogram.add(0, 3);
  histogram.add(1e12);
  CHECK(histogram.quantile(0.5) == 0);
  CHECK(histogram.quantile(1) >= 1e9);
  CHECK(histogram.max() == 1e12);
}

TEST_CASE("merged histograms are the histogram of all values") {
  std::mt19937_64 random(3);
  LogHistogram all, first, second;
  for (int i = 0; i < 1000; ++i) {
    const double value = std::floor(log_uniform(random));  // integers: their sums are exact
    all.add(value);
    (i % 3 == 0 ? first : second).add(value);
  }
  first.merge(second);
  first.merge(LogHistogram());
  CHECK(first.count() == all.count());
  CHECK(first.sum() == Approx(all.sum()).epsilon(1e-12));
  CHECK(first.min() == all.min());
  CHECK(first.max() == all.max());
  for (const double q : {0.0, 0.1, 0.5, 0.99, 1.0}) CHECK(first.quantile(q) == all.quantile(q));
}

TEST_CASE("a count stands for as many equal values") {
  LogHistogram histogram;
  histogram.add(2, 3);
  histogram.add(6, 1);
  histogram.add(100, 0);
  CHECK(histogram.count() == 4);
  CHECK(histogram.mean() == 3);
  CHECK(histogram.max() == 6);
  CHECK(histogram.count_in(LogHistogram::bucket_of(2)) == 3);
}

TEST_CASE("a histogram of nothing has no mean, ends or quantiles") {
  const LogHistogram histogram;
  CHECK(std::isnan(histogram.mean()));
  CHECK(std::isnan(histogram.min()));
  CHECK(std::isnan(histogram.max()));
  CHECK(std::isnan(histogram.quantile(0.5)));
}

TEST_CASE("NaN, negative values and shares outside [0, 1] are our mistakes") {
  LogHistogram histogram;
  CHECK_THROWS_AS(histogram.add(std::nan("")), ContractViolation);
  CHECK_THROWS_AS(histogram.add(-1), ContractViolation);
  CHECK_THROWS_AS(histogram.quantile(1.1), ContractViolation);
  CHECK_THROWS_AS(histogram.quantile(std::nan("")), ContractViolation);
  CHECK(histogram.count() == 0);
}

TEST_CASE("a ramp counts as its values one by one") {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> uniform(0, 1);
  for (int round = 0; round < 2000; ++round) {
    const double start = std::pow(10, 12 * uniform(random) - 10);
    const double growth = round % 5 == 0 ? 0 : start * std::pow(10, 8 * uniform(random) - 9);
    const auto steps = static_cast<std::uint64_t>(1 + std::pow(10, 4 * uniform(random)));
    const std::uint64_t weight = 1 + random() % 3;
    LogHistogram ramp, single;
    ramp.add_ramp(start, growth, steps, weight);
    for (std::uint64_t i = 0; i < steps; ++i) {
      single.add(start + growth * static_cast<double>(i), weight);
    }
    INFO(start << " + " << growth << " x " << steps);
    REQUIRE(ramp.count() == single.count());
    REQUIRE(ramp.min() == single.min());
    REQUIRE(ramp.max() == single.max());
    REQUIRE(ramp.sum() == Approx(single.sum()).epsilon(1e-12));
    for (std::size_t bucket = LogHistogram::bucket_of(ramp.min());
         bucket <= LogHistogram::bucket_of(ramp.max()); ++bucket) {
      REQUIRE(ramp.count_in(bucket) == single.count_in(bucket));
    }
  }
}
