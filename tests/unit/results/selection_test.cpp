// SPDX-License-Identifier: Apache-2.0
#include "results/selection.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>

#include "core/contracts.hpp"

using namespace tokenyard;
using namespace tokenyard::results;

namespace {

struct Outcome {
  std::vector<double> quantiles;
  int passes = 0;
};

Outcome select(const std::vector<double>& values, const std::vector<double>& quantiles) {
  LogHistogram histogram;
  for (const double value : values) histogram.add(value);
  Selection selection(histogram, quantiles);
  Outcome outcome;
  for (; !selection.done(); ++outcome.passes) {
    REQUIRE(outcome.passes < 10);
    for (const double value : values) selection.add(value);
    selection.end_pass();
  }
  outcome.quantiles = selection.result();
  return outcome;
}

std::vector<double> sorted_quantiles(std::vector<double> values,
                                     const std::vector<double>& quantiles) {
  std::sort(values.begin(), values.end());
  std::vector<double> found;
  for (const double q : quantiles) found.push_back(values[nearest_rank(q, values.size()) - 1]);
  return found;
}

const std::vector<double> many = {0, 0.001, 0.05, 0.25, 0.5, 0.5, 0.9, 0.99, 0.999, 1};

}  // namespace

TEST_CASE("selected quantiles are those of the sorted values, in one pass") {
  std::mt19937_64 random(1);
  for (const std::size_t n : {1U, 2U, 10U, 1001U, 50'000U}) {
    std::vector<double> values(n);
    std::lognormal_distribution<double> latency(0, 2);
    for (double& value : values) value = latency(random);
    const Outcome outcome = select(values, many);
    CHECK(outcome.quantiles == sorted_quantiles(values, many));
    CHECK(outcome.passes <= 1);
  }
}

TEST_CASE("a bucket too full to keep is divided by further passes") {
  std::mt19937_64 random(2);
  std::uniform_real_distribution<double> within_one_bucket(1.0, 1.015);
  std::vector<double> values(700'000);
  for (double& value : values) value = within_one_bucket(random);
  const Outcome outcome = select(values, many);
  CHECK(outcome.quantiles == sorted_quantiles(values, many));
  CHECK(outcome.passes == 2);
}

TEST_CASE("values that are almost all equal take few passes") {
  std::vector<double> values(600'000, 0.025);
  values[7] = 0.02501;
  values[8] = 3;
  const Outcome outcome = select(values, many);
  CHECK(outcome.quantiles == sorted_quantiles(values, many));
  CHECK(outcome.passes <= 2);
}

TEST_CASE("values that are all equal take no pass") {
  const Outcome outcome = select(std::vector<double>(1000, 0.5), many);
  CHECK(outcome.quantiles == std::vector<double>(many.size(), 0.5));
  CHECK(outcome.passes == 0);
}

TEST_CASE("selection is exact at the ends of the histogram, where buckets are wide") {
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<double> values = {0, -0.0, 1e-300, 1e-12, 5, 1e10, 1e300, infinity};
  CHECK(select(values, many).quantiles == sorted_quantiles(values, many));
}

TEST_CASE("the quantiles of no values are NaN") {
  const Outcome outcome = select({}, {0.5, 0.99});
  REQUIRE(outcome.quantiles.size() == 2);
  CHECK(std::isnan(outcome.quantiles[0]));
  CHECK(outcome.passes == 0);
}

TEST_CASE("a pass that shows other values than the histogram's is our mistake") {
  LogHistogram histogram;
  for (const double value : {1.0, 2.0, 3.0}) histogram.add(value);
  const std::vector<double> median = {0.5};
  Selection selection(histogram, median);
  CHECK_THROWS_AS(selection.result(), ContractViolation);
  CHECK_THROWS_AS(selection.end_pass(), ContractViolation);
}
