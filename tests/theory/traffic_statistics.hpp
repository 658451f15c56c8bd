// SPDX-License-Identifier: Apache-2.0
// Statistics of the generators, each with a p-value; for them and for streams with planted errors.
#pragma once

#include <array>
#include <string>

#include "goodness_of_fit.hpp"
#include "traffic/mix.hpp"
#include "traffic/open_arrivals.hpp"
#include "traffic/sessions.hpp"

namespace tokenyard::test {

using namespace tokenyard::traffic;

inline constexpr double false_alarm = 1e-5;  // a p-value of 100 p-values
inline constexpr double caught = 1e-6;
inline constexpr std::array<std::uint64_t, 2> first_seeds = {1000, 77000};

using Values = std::vector<double>;

inline RateCurve constant_rate(double rate, double until) {
  RateCurve curve;
  curve.factors = {RateCurve::constant(rate)};
  curve.until = until;
  return curve;
}

inline DatesPlan plan_of(const RateCurve& curve, Gaps gaps = Gaps::exponential()) {
  DatesPlan plan;
  plan.curve = curve;
  plan.gaps = {gaps};
  return plan;
}

inline Values dates_of(const DatesPlan& plan, std::uint64_t seed, const std::string& name = "gof") {
  Dates dates(plan, {seed, 0, name});
  Values found;
  for (Instant date = dates.next(); date < Instant::never(); date = dates.next()) {
    found.push_back(date.value());
  }
  return found;
}

// All but the first, which has another law where gaps are not exponential.
inline Values gaps_of(const Values& dates) {
  Values gaps;
  for (std::size_t i = 1; i < dates.size(); ++i) gaps.push_back(dates[i] - dates[i - 1]);
  return gaps;
}

inline Values window_counts(const Values& dates, double until, std::size_t windows) {
  Values counts(windows, 0.0);
  for (const double date : dates) {
    ++counts[std::min(windows - 1,
                      static_cast<std::size_t>(date / until * static_cast<double>(windows)))];
  }
  return counts;
}

// The steps, ramps and cycles that rates are made of.
inline std::vector<RateCurve> curves() {
  RateCurve steps;
  steps.factors = {{{{0, 5}, {40, 20}, {70, 1}}}};
  steps.until = 100;
  RateCurve ramp;
  ramp.factors = {{{{0, 0}, {60, 30}, {100, 5}}, RateCurve::Between::linear}};
  ramp.until = 110;
  RateCurve daily;
  daily.factors = {RateCurve::constant(12),
                   {{{0, 0.2}, {8, 1.5}, {20, 0.7}}, RateCurve::Between::constant, 24, 5},
                   {{{0, 1}, {30, 1}, {33, 6}, {36, 1}}, RateCurve::Between::linear}};
  daily.until = 100;
  return {steps, ramp, daily};
}

inline Values expected_counts(const RateCurve& curve, std::size_t windows) {
  Values expected;
  const double width = curve.until / static_cast<double>(windows);
  for (std::size_t i = 0; i < windows; ++i) {
    const auto begin = static_cast<double>(i) * width;
    expected.push_back(curve.amount(begin, begin + width));
  }
  return expected;
}

// On the clock of the curve's integral arrivals are uniform, whatever the curve.
inline double rescaled_p(const Values& dates, const RateCurve& curve) {
  const double total = curve.amount(0, curve.until);
  Values uniform;
  for (const double date : dates) uniform.push_back(curve.amount(0, date) / total);
  return uniform_p(std::move(uniform));
}

inline double exponential_cdf(double x) { return 1 - std::exp(-x); }

inline Cdf gap_cdf(Gaps::Kind kind, double cv) {
  if (kind == Gaps::Kind::gamma) {
    const double shape = 1 / (cv * cv);
    return [shape](double x) { return lower_gamma(shape, shape * x); };
  }
  // The shape of a Weibull variable of this CV, by bisection with libm.
  double low = 0.1, high = 30;
  for (int i = 0; i < 200; ++i) {
    const double shape = (low + high) / 2;
    const double spread = std::exp(std::lgamma(1 + 2 / shape) - 2 * std::lgamma(1 + 1 / shape)) - 1;
    (spread > cv * cv ? low : high) = shape;
  }
  const double shape = low, scale = 1 / std::tgamma(1 + 1 / low);
  return [shape, scale](double x) { return 1 - std::exp(-std::pow(x / scale, shape)); };
}

struct Law {
  Distribution distribution;
  Cdf cdf;
};

inline std::vector<Law> laws() {
  const auto piecewise = [](double x) {
    if (x < 100) return std::max(0.0, (x - 10) / 90 * 0.4);
    return std::min(1.0, 0.4 + (x - 100) / 900 * 0.6);
  };
  return {
      {Distribution::quantiles({{0, 10}, {0.4, 100}, {1, 1000}}), piecewise},
      {Distribution::log_normal({300, 0.4}),
       [](double x) { return normal_cdf(std::log(x / 300) / 0.4); }},
      {Distribution::log_normal({50, 1.7}),
       [](double x) { return normal_cdf(std::log(x / 50) / 1.7); }},
      {Distribution::gamma({200, 0.6}),
       [](double x) { return lower_gamma(1 / 0.36, x / (200 * 0.36)); }},
      {Distribution::gamma({200, 2.2}),
       [](double x) { return lower_gamma(1 / 4.84, x / (200 * 4.84)); }},
      {Distribution::pareto({100, 1.3}),
       [](double x) { return x < 100 ? 0 : 1 - std::pow(100 / x, 1.3); }},
      {Distribution::mixture(
           {{3, Distribution::gamma({50, 1})}, {1, Distribution::pareto({40, 2})}}),
       [](double x) {
         return 0.75 * exponential_cdf(x / 50) + 0.25 * (x < 40 ? 0 : 1 - (40 / x) * (40 / x));
       }},
  };
}

// Whole draws against the probability that rounding leaves to each number of tokens.
inline double whole_p(const std::function<double(RandomStream&)>& draw, const Cdf& cdf,
                      std::uint64_t seed) {
  constexpr int n = 4000;
  RandomStream stream(seed, 0, "whole");
  const Values ends = {15.5, 30.5, 55.5, 80.5, 101.5, 150.5, 300.5, 500.5, 700.5, 1e300};
  Values counts(ends.size(), 0.0), expected;
  for (int i = 0; i < n; ++i) {
    const double x = draw(stream);
    ++counts[static_cast<std::size_t>(std::lower_bound(ends.begin(), ends.end(), x) -
                                      ends.begin())];
  }
  double before = 0;
  for (const double end : ends) {
    const double p = end > 1e299 ? 1 : cdf(end);
    expected.push_back(n * (p - before));
    before = p;
  }
  return counts_p(counts, expected, static_cast<double>(ends.size() - 1));
}

// Prompts and outputs of one stream.
struct Drawn {
  Values prompts, outputs;
};

inline Drawn lengths_of(const Lengths& lengths, std::uint64_t seed, int n) {
  OpenArrivals arrivals({{}, &lengths, nullptr, {seed, 0, "lengths"}},
                        plan_of(constant_rate(1, RateCurve::forever)));
  Drawn drawn;
  Request request;
  for (int i = 0; i < n; ++i) {
    arrivals.take(request);
    drawn.prompts.push_back(static_cast<double>(request.prompt.value()));
    drawn.outputs.push_back(static_cast<double>(request.output.value()));
  }
  return drawn;
}

}  // namespace tokenyard::test
