// SPDX-License-Identifier: Apache-2.0
// Wrong streams, and that the statistics which the right ones pass see it.
#include <catch2/catch.hpp>

#include "traffic_statistics.hpp"

using namespace tokenyard;
using namespace tokenyard::traffic;
using namespace tokenyard::test;

TEST_CASE("planted: dates rounded to 10 ms are caught") {
  const DatesPlan plan = plan_of(constant_rate(20, 500));
  const auto p = [&](std::uint64_t seed) {
    Values dates = dates_of(plan, seed);
    for (double& date : dates) date = std::round(date * 100) / 100;
    Values gaps = gaps_of(dates);
    for (double& gap : gaps) gap *= 20;
    return ks_p(std::move(gaps), exponential_cdf);
  };
  CHECK(over_seeds(p, 1) < caught);
}

TEST_CASE("planted: lengths cut to whole numbers instead of rounded are caught") {
  // Half a token is little where lengths are spread over hundreds: it takes a narrow law.
  const auto narrow = Distribution::quantiles({{0, 10}, {1, 20}});
  const auto narrow_p = [&](bool rounds) {
    return [&narrow, rounds](std::uint64_t seed) {
      RandomStream stream(seed, 0, "narrow");
      Values counts(11, 0.0), expected(11, 200.0);
      expected.front() = expected.back() = 100;
      for (int i = 0; i < 2000; ++i) {
        const double x = rounds ? static_cast<double>(narrow.draw_whole(stream))
                                : std::floor(narrow.draw(stream));
        ++counts[static_cast<std::size_t>(x - 10)];
      }
      return counts_p(counts, expected, 10);
    };
  };
  CHECK(over_seeds(narrow_p(true), 1) > false_alarm);
  CHECK(over_seeds(narrow_p(false), 1) < caught);
}

TEST_CASE("planted: a curve that is one window off is caught") {
  RateCurve right;
  right.factors = {{{}}};
  for (int i = 0; i < 20; ++i) {
    right.factors[0].points.push_back({5.0 * i, 10 + 4 * std::sin(0.9 * i)});
  }
  right.until = 100;
  RateCurve off = right;
  for (std::size_t i = 0; i < 20; ++i) {
    off.factors[0].points[i].value = right.factors[0].points[(i + 1) % 20].value;
  }
  const auto p = [&](const RateCurve& made) {
    return [&right, &made](std::uint64_t seed) {
      return counts_p(window_counts(dates_of(plan_of(made), seed), 100, 20),
                      expected_counts(right, 20), 20);
    };
  };
  CHECK(over_seeds(p(right), 1) > false_alarm);
  CHECK(over_seeds(p(off), 1) < caught);
}

TEST_CASE("planted: a seed used twice is caught") {
  const auto p = [](std::uint64_t seed) {
    const Values dates = dates_of(plan_of(constant_rate(1, 500)), seed, "a");
    const Values gaps = ranks(gaps_of(dates));
    return independent_p(gaps, ranks(gaps_of(dates_of(plan_of(constant_rate(1, 500)), seed, "a"))));
  };
  CHECK(over_seeds(p, 1) < caught);
}

TEST_CASE("planted: a little burstiness in what should be Poisson is caught") {
  const DatesPlan plan = plan_of(constant_rate(1, 2000), Gaps::gamma(1.1));
  CHECK(over_seeds([&](auto s) { return ks_p(gaps_of(dates_of(plan, s)), exponential_cdf); }, 1) <
        caught);
}

TEST_CASE("planted: a quantile that is 2 % off is caught") {
  const auto wrong = Distribution::quantiles({{0, 10}, {0.42, 100}, {1, 1000}});
  const Law table = laws()[0];
  const auto p = [&](std::uint64_t seed) {
    RandomStream stream(seed, 0, "knot");
    Values values;
    for (int i = 0; i < 4000; ++i) values.push_back(wrong.draw(stream));
    return ks_p(std::move(values), table.cdf);
  };
  CHECK(over_seeds(p, 1) < caught);
}

TEST_CASE("planted: an ordinary renewal process in place of a stationary one is caught") {
  // What Dates would be if the first gap were like the others.
  const Gaps gaps = Gaps::gamma(2.5);
  const auto p = [&](std::uint64_t seed) {
    double sum = 0, squares = 0;
    constexpr int runs = 400;
    for (int run = 0; run < runs; ++run) {
      RandomStream stream(seed, 0, std::to_string(run));
      double n = 0;
      for (double date = gaps.draw(stream); date < 10; date += gaps.draw(stream)) ++n;
      sum += n;
      squares += n * n;
    }
    const double m = sum / runs;
    return normal_p((m - 10) / std::sqrt((squares / runs - m * m) / (runs - 1)));
  };
  CHECK(over_seeds(p, 1) < caught);
}
