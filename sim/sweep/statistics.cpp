// SPDX-License-Identifier: Apache-2.0
#include "sweep/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/compensated_sum.hpp"
#include "core/contracts.hpp"
#include "core/portable_math.hpp"

namespace tokenyard::sweep {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::size_t values_a_mean = 5;  // of MSER-5

double power(double x, double exponent) {
  const double log = exponent * portable_log(x);
  return log < -700 ? 0 : portable_exp(log);
}

// The continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's method;
// converges fast for x < (a + 1) / (a + b + 2).
double beta_fraction(double x, double a, double b) {
  constexpr double tiny = 1e-300, precise = 1e-16;
  constexpr int most_terms = 10'000;
  const auto not_zero = [](double v) { return std::abs(v) < tiny ? tiny : v; };
  double c = 1;
  double d = 1 / not_zero(1 - (a + b) * x / (a + 1));
  double fraction = d;
  for (int m = 1; m <= most_terms; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / not_zero(1 + even * d);
    c = not_zero(1 + even / c);
    fraction *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / not_zero(1 + odd * d);
    c = not_zero(1 + odd / c);
    fraction *= d * c;
    if (std::abs(d * c - 1) < precise) break;
  }
  return fraction;
}

// The regularised incomplete beta function, 0 < x < 1; `rest` is 1 - x, given for its precision.
double incomplete_beta(double x, double rest, double a, double b) {
  const double front =
      power(x, a) * power(rest, b) *
      portable_exp(portable_log_gamma(a + b) - portable_log_gamma(a) - portable_log_gamma(b));
  return x < (a + 1) / (a + b + 2) ? front * beta_fraction(x, a, b) / a
                                   : 1 - front * beta_fraction(rest, b, a) / b;
}

// The probability that Student's t exceeds t > 0.
double tail(double t, double degrees) {
  const double sum = degrees + t * t;
  return incomplete_beta(degrees / sum, t * t / sum, degrees / 2, 0.5) / 2;
}

// Beyond this the series around the normal quantile is the more precise.
constexpr double many_degrees = 1e5;

double series_quantile(double p, double degrees) {
  const double z = portable_normal_quantile(p);
  const double z3 = z * z * z, z5 = z3 * z * z;
  return z + (z3 + z) / (4 * degrees) + (5 * z5 + 16 * z3 + 3 * z) / (96 * degrees * degrees);
}

struct Moments {
  double mean = 0;
  double variance = 0;  // of the values, by count - 1
};

Moments moments_of(std::span<const double> values) {
  CompensatedSum sum;
  for (const double value : values) {
    SIM_EXPECT(std::isfinite(value));
    sum.add(value);
  }
  const auto count = static_cast<double>(values.size());
  const double mean = sum.value() / count;
  CompensatedSum squares;
  for (const double value : values) squares.add((value - mean) * (value - mean));
  return {mean, values.size() < 2 ? 0 : squares.value() / (count - 1)};
}

}  // namespace

double student_t_quantile(double p, double degrees) {
  SIM_EXPECT(p > 0 && p < 1 && degrees > 0);
  if (p == 0.5) return 0;
  if (p < 0.5) return -student_t_quantile(1 - p, degrees);
  if (degrees > many_degrees) return series_quantile(p, degrees);
  const double above = 1 - p;
  double high = 1;
  while (tail(high, degrees) > above && high < 1e300) high *= 2;
  double low = high == 1 ? 0 : high / 2;
  for (;;) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return middle;
    (tail(middle, degrees) > above ? low : high) = middle;
  }
}

double Interval::relative() const {
  if (half_width == 0) return 0;
  return mean == 0 ? infinity : half_width / std::abs(mean);
}

Interval interval_of(std::span<const double> values, double confidence) {
  SIM_EXPECT(!values.empty() && confidence > 0 && confidence < 1);
  const Moments moments = moments_of(values);
  Interval interval{moments.mean, infinity, values.size()};
  if (values.size() < 2) return interval;
  const auto count = static_cast<double>(values.size());
  interval.half_width =
      student_t_quantile(0.5 + confidence / 2, count - 1) * std::sqrt(moments.variance / count);
  return interval;
}

Interval interval_if_numbers(std::span<const double> values) {
  const bool are_numbers =
      std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
  if (are_numbers && !values.empty()) return interval_of(values);
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  return {none, none, values.size()};
}

std::vector<double> means_of_batches(std::span<const double> series, std::size_t batches) {
  SIM_EXPECT(batches >= 2 && series.size() >= batches);
  const std::size_t length = series.size() / batches;
  const auto kept = series.last(length * batches);
  std::vector<double> means;
  for (std::size_t i = 0; i < batches; ++i) {
    means.push_back(moments_of(kept.subspan(i * length, length)).mean);
  }
  return means;
}

Interval batch_means(std::span<const double> series, std::size_t batches, double confidence) {
  return interval_of(means_of_batches(series, batches), confidence);
}

double neighbour_correlation(std::span<const double> values) {
  if (values.size() < 3) return 0;
  const double mean = moments_of(values).mean;
  double products = 0, squares = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double from_mean = values[i] - mean;
    squares += from_mean * from_mean;
    if (i > 0) products += (values[i - 1] - mean) * from_mean;
  }
  return squares > 0 ? products / squares : 0;
}

std::optional<std::size_t> warm_up_end(std::span<const double> series) {
  const std::size_t count = series.size() / values_a_mean;
  if (count < 2) return {};
  std::size_t best = 0;
  double least = infinity, mean = 0, squares = 0;
  // From the end on, so that each cut adds one mean to what follows it. The last few cuts are no
  // candidates: so few values may agree by chance.
  for (std::size_t kept = 1; kept <= count; ++kept) {
    const std::size_t cut = count - kept;
    const double value = moments_of(series.subspan(cut * values_a_mean, values_a_mean)).mean;
    const double step = value - mean;
    mean += step / static_cast<double>(kept);
    squares += step * (value - mean);
    const auto n = static_cast<double>(kept);
    const double error = squares / (n * n);
    if (kept < values_a_mean || error > least) continue;
    least = error;
    best = cut;
  }
  if (2 * best > count) return {};
  return best * values_a_mean;
}

Stopping stopping(const StoppingRule& rule, std::span<const double> values) {
  SIM_EXPECT(rule.least >= 2 && rule.most >= rule.least && rule.relative > 0);
  if (values.size() >= rule.least) {
    const Interval interval = interval_of(values, rule.confidence);
    if (interval.relative() <= rule.relative / (1 + rule.relative)) return Stopping::precise;
  }
  return values.size() >= rule.most ? Stopping::exhausted : Stopping::go_on;
}

Interval paired_difference(std::span<const double> a, std::span<const double> b,
                           double confidence) {
  SIM_EXPECT(a.size() == b.size());
  std::vector<double> differences;
  for (std::size_t i = 0; i < a.size(); ++i) differences.push_back(a[i] - b[i]);
  return interval_of(differences, confidence);
}

}  // namespace tokenyard::sweep
