// SPDX-License-Identifier: Apache-2.0
// Goodness of fit of the generators. Each statistic gives a p-value for each of 100 seeds, and
// these must be uniform. With 60 such tests at 1e-5 a false alarm has a chance of 1 in 1,700; the
// seeds are fixed, so an alarm stays one. planted_errors_test.cpp shows that the statistics see
// errors.
#include <catch2/catch.hpp>

#include "traffic_statistics.hpp"

using namespace tokenyard;
using namespace tokenyard::traffic;
using namespace tokenyard::test;

TEST_CASE("counts of Poisson arrivals have the law of their curve, and their dispersion") {
  for (const std::uint64_t seeds : first_seeds) {
    for (const RateCurve& curve : curves()) {
      const Values expected = expected_counts(curve, 10);
      const auto by_window = [&](std::uint64_t seed) {
        return counts_p(window_counts(dates_of(plan_of(curve), seed), curve.until, 10), expected,
                        10);
      };
      CHECK(over_seeds(by_window, seeds) > false_alarm);
      const auto all = [&](std::uint64_t seed) {
        const auto n = static_cast<double>(dates_of(plan_of(curve), seed).size());
        const double mean = curve.amount(0, curve.until);
        return normal_p((n - mean) / std::sqrt(mean));
      };
      CHECK(over_seeds(all, seeds) > false_alarm);
    }
    const auto dispersion = [](std::uint64_t seed) {
      const Values counts =
          window_counts(dates_of(plan_of(constant_rate(20, 200)), seed), 200, 100);
      double mean = 0, squares = 0;
      for (const double c : counts) mean += c / 100;
      for (const double c : counts) squares += (c - mean) * (c - mean);
      return chi_square_p(squares / mean, 99);
    };
    CHECK(over_seeds(dispersion, seeds) > false_alarm);
  }
}

TEST_CASE("gaps have the law of their process, and none knows the one before") {
  struct Case {
    Gaps gaps;
    Cdf cdf;
  };
  const Case cases[] = {
      {Gaps::exponential(), exponential_cdf},
      {Gaps::gamma(0.5), gap_cdf(Gaps::Kind::gamma, 0.5)},
      {Gaps::gamma(2.5), gap_cdf(Gaps::Kind::gamma, 2.5)},
      {Gaps::weibull(0.4), gap_cdf(Gaps::Kind::weibull, 0.4)},
      {Gaps::weibull(3), gap_cdf(Gaps::Kind::weibull, 3)},
  };
  for (const Case& c : cases) {
    const DatesPlan plan = plan_of(constant_rate(1, 1500), c.gaps);
    CHECK(over_seeds([&](auto seed) { return ks_p(gaps_of(dates_of(plan, seed)), c.cdf); }, 1000) >
          false_alarm);
    const auto lagged = [&](std::uint64_t seed) {
      const Values gaps = ranks(gaps_of(dates_of(plan, seed)));
      return independent_p({gaps.begin() + 1, gaps.end()}, {gaps.begin(), gaps.end() - 1});
    };
    CHECK(over_seeds(lagged, 5000) > false_alarm);
  }
}

TEST_CASE("bursty arrivals keep to their curve in the mean, from the start") {
  // The counts of 400 runs, each 10 expected, have their mean within its error.
  for (const Gaps& gaps : {Gaps::gamma(2.5), Gaps::weibull(2.5)}) {
    const auto mean = [&](std::uint64_t seed) {
      double sum = 0, squares = 0;
      constexpr int runs = 400;
      for (int run = 0; run < runs; ++run) {
        const auto n = static_cast<double>(
            dates_of(plan_of(constant_rate(1, 10), gaps), seed, std::to_string(run)).size());
        sum += n;
        squares += n * n;
      }
      const double m = sum / runs;
      return normal_p((m - 10) / std::sqrt((squares / runs - m * m) / (runs - 1)));
    };
    CHECK(over_seeds(mean, 9000) > false_alarm);
  }
}

TEST_CASE("on the clock of their curve arrivals are uniform") {
  for (const std::uint64_t seeds : first_seeds) {
    for (const RateCurve& curve : curves()) {
      const auto p = [&](auto seed) { return rescaled_p(dates_of(plan_of(curve), seed), curve); };
      CHECK(over_seeds(p, seeds) > false_alarm);
    }
  }
}

TEST_CASE("lengths have the law of their form, before and after rounding") {
  for (const std::uint64_t seeds : first_seeds) {
    for (const Law& law : laws()) {
      const auto continuous = [&](std::uint64_t seed) {
        RandomStream stream(seed, 0, "lengths");
        Values values;
        for (int i = 0; i < 2000; ++i) values.push_back(law.distribution.draw(stream));
        return ks_p(std::move(values), law.cdf);
      };
      CHECK(over_seeds(continuous, seeds) > false_alarm);
    }
    const Law table = laws()[0];
    const auto whole = [&](RandomStream& stream) {
      return static_cast<double>(table.distribution.draw_whole(stream));
    };
    CHECK(over_seeds([&](auto seed) { return whole_p(whole, table.cdf, seed); }, seeds) >
          false_alarm);
  }
}

TEST_CASE("outputs follow the range of their prompt, and nothing else") {
  const Lengths given = {
      Distribution::quantiles({{0, 1}, {1, 1001}}),
      GivenPrompt(std::vector<GivenPrompt::Range>{{500, Distribution::gamma({5000, 1})},
                                                  {1e300, Distribution::log_normal({9000, 0.5})}}),
      {},
      {}};
  const auto in_range = [&](bool low, const Cdf& cdf) {
    return [&given, low, cdf](std::uint64_t seed) {
      const Drawn drawn = lengths_of(given, seed, 2000);
      Values own;
      for (std::size_t i = 0; i < drawn.prompts.size(); ++i) {
        if ((drawn.prompts[i] < 500) == low) own.push_back(drawn.outputs[i]);
      }
      return ks_p(std::move(own), cdf);
    };
  };
  for (const std::uint64_t seeds : first_seeds) {
    CHECK(over_seeds(in_range(true, [](double x) { return exponential_cdf(x / 5000); }), seeds) >
          false_alarm);
    CHECK(over_seeds(in_range(false, [](double x) { return normal_cdf(std::log(x / 9000) / 0.5); }),
                     seeds) > false_alarm);
    const Lengths apart = {given.prompt, GivenPrompt(Distribution::gamma({5000, 1})), {}, {}};
    const auto correlation = [&](std::uint64_t seed) {
      const Drawn drawn = lengths_of(apart, seed, 2000);
      return independent_p(ranks(drawn.prompts), ranks(drawn.outputs));
    };
    CHECK(over_seeds(correlation, seeds) > false_alarm);
  }
}

TEST_CASE("streams of other names, seeds and replications have nothing in common") {
  const auto gaps = [](std::uint64_t seed, std::uint64_t replication, const char* name) {
    const DatesPlan plan = plan_of(constant_rate(1, RateCurve::forever));
    Dates dates(plan, {seed, replication, name});
    Values found;
    double last = 0;
    for (int i = 0; i < 1000; ++i) {
      const double date = dates.next().value();
      found.push_back(date - last);
      last = date;
    }
    return ranks(found);
  };
  CHECK(over_seeds([&](auto s) { return independent_p(gaps(s, 0, "a"), gaps(s, 0, "b")); }, 1) >
        false_alarm);
  CHECK(over_seeds([&](auto s) { return independent_p(gaps(s, 0, "a"), gaps(s, 1, "a")); }, 1) >
        false_alarm);
  CHECK(over_seeds([&](auto s) { return independent_p(gaps(s, 0, "a"), gaps(s + 1, 0, "a")); }, 1) >
        false_alarm);
}

TEST_CASE("clients that are mixed make the Poisson process of their sum") {
  const Lengths one = {Distribution::constant(1), GivenPrompt(Distribution::constant(1)), {}, {}};
  const auto p = [&](std::uint64_t seed) {
    std::vector<std::unique_ptr<Arrivals>> streams;
    for (std::uint32_t i = 0; i < 7; ++i) {
      StreamInput input{{}, &one, nullptr, {seed, 0, "client" + std::to_string(i)}};
      input.pattern.client = i;
      streams.push_back(std::make_unique<OpenArrivals>(
          input, plan_of(constant_rate(static_cast<double>(i + 1), RateCurve::forever))));
    }
    Mix mix(std::move(streams));
    Values gaps;
    double last = 0;
    Request request;
    for (int i = 0; i < 2000; ++i) {
      mix.take(request);
      gaps.push_back((request.arrival.value() - last) * 28);
      last = request.arrival.value();
    }
    return ks_p(std::move(gaps), exponential_cdf);
  };
  for (const std::uint64_t seeds : first_seeds) CHECK(over_seeds(p, seeds) > false_alarm);
}

TEST_CASE("states that come and go stay as long as they should") {
  // Silent in one of two states: the gaps that are too long for the other are its visits.
  DatesPlan plan = plan_of(constant_rate(1, 40000));
  plan.states = {{1, 40}, {0, 10}};
  const auto share = [&](std::uint64_t seed) {
    // With states of 40 and 10 s the rate within the first is 1.25; counts in long windows vary by
    // the alternating renewal theorem: variance of the time in it is 2 a^2 b^2 / (a + b)^3 a
    // second.
    const auto n = static_cast<double>(dates_of(plan, seed).size());
    const double in_state = 2.0 * 40 * 40 * 10 * 10 / (50.0 * 50 * 50) * 40000 * 1.25 * 1.25;
    return normal_p((n - 40000) / std::sqrt(40000 + in_state));
  };
  for (const std::uint64_t seeds : first_seeds) CHECK(over_seeds(share, seeds) > false_alarm);
}

TEST_CASE("sessions have the turns and the pauses of their plan") {
  const Lengths one = {Distribution::constant(1), GivenPrompt(Distribution::constant(1)), {}, {}};
  SessionPlan plan;
  plan.turns = Distribution::quantiles({{0, 0.5}, {1, 4.5}});  // 1 to 4, each alike
  plan.pause_s = Distribution::gamma({3, 0.7});
  struct Seen {
    Values turns, pauses;
  };
  const auto run = [&](std::uint64_t seed) {
    Sessions sessions({{}, &one, nullptr, {seed, 0, "s"}},
                      plan_of(constant_rate(1e-6, RateCurve::forever)), plan);
    Seen seen{Values(4, 0.0), {}};
    Request request;
    for (int session = 0; session < 800; ++session) {
      sessions.take(request);
      std::size_t turns = 0;
      for (;;) {
        const Instant end = request.arrival + Duration(1);
        sessions.ended(request, end, Answer::given);
        if (sessions.open() == 0) break;
        sessions.take(request);
        seen.pauses.push_back((request.arrival - end).value());
        ++turns;
      }
      ++seen.turns[turns];
    }
    return seen;
  };
  const auto turns = [&](std::uint64_t seed) {
    return counts_p(run(seed).turns, Values(4, 200.0), 3);
  };
  const auto pauses = [&](std::uint64_t seed) {
    // Dates far from zero have lost the last digits of a pause, nothing that this could see.
    return ks_p(run(seed).pauses, [](double x) { return lower_gamma(1 / 0.49, x / (3 * 0.49)); });
  };
  CHECK(over_seeds(turns, 100) > false_alarm);
  CHECK(over_seeds(pauses, 100) > false_alarm);
}
