// SPDX-License-Identifier: Apache-2.0
#include "sweep/statistics.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "core/random.hpp"

using namespace tokenyard;
using sweep::Interval;
using sweep::Stopping;

// Printed tables have three digits; these are of the same quantiles by scipy.stats.t.ppf.
TEST_CASE("quantiles of Student's t are those of the tables") {
  struct Row {
    double degrees;
    std::vector<double> quantiles;  // at 0.9, 0.975, 0.995, 0.9995
  };
  const std::vector<Row> table = {
      {1, {3.0776835372078066, 12.706204736432095, 63.65674116287399, 636.6192494318557}},
      {2, {1.8856180831641507, 4.302652729911275, 9.92484320091807, 31.599054577041514}},
      {3, {1.637744357215907, 3.182446305284263, 5.84090929975643, 12.923978636637424}},
      {4, {1.533206273713144, 2.7764451051977987, 4.604094871415897, 8.610301581379899}},
      {5, {1.4758840487820273, 2.5705818366147395, 4.032142983557536, 6.868826639865215}},
      {9, {1.3830287383964925, 2.2621571627409915, 3.2498355440153697, 4.7809125859335495}},
      {10, {1.3721836411102863, 2.2281388519649385, 3.169272667175838, 4.586893858703131}},
      {19, {1.3277282090267986, 2.093024054408263, 2.860934606449914, 3.8834058494834194}},
      {30, {1.3104150225671307, 2.0422724563012373, 2.7499956535670305, 3.6459586349971502}},
      {100, {1.2900747613398769, 1.9839715184496334, 2.6258905205863337, 3.3904913194103345}},
      {1000, {1.2823987214609247, 1.9623390808264074, 2.580754698065942, 3.300282648423858}},
      {1e6, {1.2815524121299386, 1.9599663568141066, 2.575834220105334, 3.290536461248722}}};
  const std::vector<double> probabilities = {0.9, 0.975, 0.995, 0.9995};
  for (const Row& row : table) {
    for (std::size_t i = 0; i < probabilities.size(); ++i) {
      const double found = sweep::student_t_quantile(probabilities[i], row.degrees);
      CHECK(found == Approx(row.quantiles[i]).epsilon(1e-8));
      CHECK(sweep::student_t_quantile(1 - probabilities[i], row.degrees) ==
            Approx(-found).epsilon(1e-8));
    }
  }
  CHECK(sweep::student_t_quantile(0.5, 3) == 0);
  // Where the series takes over, there is no step.
  CHECK(sweep::student_t_quantile(0.975, 99'999) ==
        Approx(sweep::student_t_quantile(0.975, 100'001)).epsilon(1e-8));
  // Of Cauchy's distribution in closed form.
  CHECK(sweep::student_t_quantile(0.75, 1) == Approx(1).epsilon(1e-8));
}

TEST_CASE("an interval of replications is that of the textbook") {
  const std::vector<double> values = {4, 5, 6, 5};
  const Interval interval = sweep::interval_of(values);
  CHECK(interval.mean == 5);
  CHECK(interval.count == 4);
  CHECK(interval.half_width == Approx(3.182446305284263 * std::sqrt(2.0 / 3 / 4)));
  CHECK(interval.contains(5.5));
  CHECK_FALSE(interval.contains(6.5));
  CHECK(interval.relative() == Approx(interval.half_width / 5));
  CHECK(sweep::interval_of(values, 0.99).half_width > interval.half_width);
}

TEST_CASE("one value says nothing of its error, and equal ones are certain") {
  const std::vector<double> one = {3};
  CHECK(sweep::interval_of(one).half_width == std::numeric_limits<double>::infinity());
  const std::vector<double> same = {0, 0, 0};
  CHECK(sweep::interval_of(same).half_width == 0);
  CHECK(sweep::interval_of(same).relative() == 0);
  const std::vector<double> around_zero = {-1, 1};
  CHECK(sweep::interval_of(around_zero).relative() == std::numeric_limits<double>::infinity());
}

TEST_CASE("batch means drop what is left over at the beginning") {
  const std::vector<double> series = {1000, 1, 3, 2, 4, 3, 5};
  const Interval interval = sweep::batch_means(series, 3);
  const std::vector<double> means = {2, 3, 4};
  CHECK(interval.mean == 3);
  CHECK(interval.half_width == sweep::interval_of(means).half_width);
}

TEST_CASE("MSER-5 cuts a transient, and only it") {
  RandomStream random(1, 0, "noise");
  std::vector<double> series;
  for (int i = 0; i < 1000; ++i) series.push_back(10 + random.normal());
  const auto none = sweep::warm_up_end(series);
  REQUIRE(none);
  CHECK(*none <= 50);
  for (int i = 0; i < 200; ++i) series[static_cast<std::size_t>(i)] += 20;
  const auto cut = sweep::warm_up_end(series);
  REQUIRE(cut);
  CHECK(*cut >= 200);
  CHECK(*cut <= 250);
}

TEST_CASE("a run that does not settle has no end of its warm-up") {
  std::vector<double> series;
  for (int i = 0; i < 1000; ++i) series.push_back(i);
  CHECK_FALSE(sweep::warm_up_end(series));
  CHECK_FALSE(sweep::warm_up_end(std::vector<double>{1, 2, 3}));
}

TEST_CASE("replications go on until the mean is precise or there are enough") {
  const sweep::StoppingRule rule{0.1, 3, 5, 0.95};
  const std::vector<double> tight = {10, 10.1, 9.9, 10, 10.05};
  CHECK(sweep::stopping(rule, std::span(tight).first(2)) == Stopping::go_on);  // below the least
  CHECK(sweep::stopping(rule, std::span(tight).first(3)) == Stopping::precise);
  const std::vector<double> loose = {1, 20, 5, 9, 2};
  CHECK(sweep::stopping(rule, std::span(loose).first(4)) == Stopping::go_on);
  CHECK(sweep::stopping(rule, loose) == Stopping::exhausted);
  // The half-width is held to relative / (1 + relative) of the mean.
  const std::vector<double> values = {9, 10, 11};
  const double width = sweep::interval_of(values).relative();
  const double just = width / (1 - width);
  CHECK(sweep::stopping({just * 1.001, 3, 5, 0.95}, values) == Stopping::precise);
  CHECK(sweep::stopping({just * 0.999, 3, 5, 0.95}, values) == Stopping::go_on);
}

TEST_CASE("what two plans share cancels out of their difference") {
  const std::vector<double> a = {10, 50, 30}, b = {9, 48.9, 29.1};
  const Interval paired = sweep::paired_difference(a, b);
  CHECK(paired.mean == Approx(1));
  CHECK(paired.low() > 0);
  CHECK(sweep::interval_of(a).half_width > 10 * paired.half_width);
}

TEST_CASE("neighbours correlate where they are alike") {
  CHECK(sweep::neighbour_correlation(std::vector<double>{1, 2, 3, 4}) == Approx(0.25));
  CHECK(sweep::neighbour_correlation(std::vector<double>{1, -1, 1, -1}) == Approx(-0.75));
  CHECK(sweep::neighbour_correlation(std::vector<double>{2, 2, 2}) == 0);
  CHECK(sweep::neighbour_correlation(std::vector<double>{2, 3}) == 0);
}

TEST_CASE("batches leave out what does not fill one, at the beginning") {
  const std::vector<double> values = {9, 1, 3, 5, 7};
  CHECK(sweep::means_of_batches(values, 2) == std::vector<double>{2, 6});
}
