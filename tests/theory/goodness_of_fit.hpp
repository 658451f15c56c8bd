// SPDX-License-Identifier: Apache-2.0
// Probabilities of statistics, by libm and on their own: nothing here is shared with what is
// tested.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

namespace tokenyard::test {

// P(a, x), the regularised lower incomplete gamma function: by its series or its continued
// fraction.
inline double lower_gamma(double a, double x) {
  if (x <= 0) return 0;
  const double front = std::exp(a * std::log(x) - x - std::lgamma(a));
  if (x < a + 1) {
    double term = 1 / a, sum = term;
    for (double n = a + 1; term > 1e-16 * sum; ++n) sum += term *= x / n;
    return front * sum;
  }
  double b = x + 1 - a, c = 1e300, d = 1 / b, fraction = d;
  for (int i = 1; i < 10000; ++i) {
    const double numerator = -i * (i - a);
    b += 2;
    d = 1 / (numerator * d + b);
    c = b + numerator / c;
    const double step = c * d;
    fraction *= step;
    if (std::abs(step - 1) < 1e-15) break;
  }
  return 1 - front * fraction;
}

inline double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

// That a chi-square variable of these degrees of freedom is at least this.
inline double chi_square_p(double value, double degrees) {
  return 1 - lower_gamma(degrees / 2, value / 2);
}

// Two-sided, of a standard normal variable.
inline double normal_p(double z) { return std::erfc(std::abs(z) / std::sqrt(2.0)); }

// That the distribution function of n uniform values is this far from its own (Kolmogorov, with
// Stephens' correction for small n).
inline double kolmogorov_p(double distance, double n) {
  const double x = distance * (std::sqrt(n) + 0.12 + 0.11 / std::sqrt(n));
  if (x < 0.2) return 1;
  double sum = 0;
  for (int k = 1; k < 101; ++k) {
    sum += (k % 2 == 1 ? 2.0 : -2.0) * std::exp(-2.0 * k * k * x * x);
  }
  return std::clamp(sum, 0.0, 1.0);
}

using Cdf = std::function<double(double)>;

// Of values against their distribution function.
inline double ks_p(std::vector<double> values, const Cdf& cdf) {
  std::sort(values.begin(), values.end());
  const auto n = static_cast<double>(values.size());
  double distance = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double p = cdf(values[i]);
    distance =
        std::max({distance, p - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - p});
  }
  return kolmogorov_p(distance, n);
}

inline double uniform_p(std::vector<double> values) {
  return ks_p(std::move(values), [](double u) { return std::clamp(u, 0.0, 1.0); });
}

// Of counts against what is expected of them.
inline double counts_p(const std::vector<double>& counts, const std::vector<double>& expected,
                       double degrees) {
  double sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    sum += (counts[i] - expected[i]) * (counts[i] - expected[i]) / expected[i];
  }
  return chi_square_p(sum, degrees);
}

// Of two samples that have nothing to do with each other: their correlation is normal.
inline double independent_p(const std::vector<double>& a, const std::vector<double>& b) {
  const auto n = static_cast<double>(a.size());
  double mean_a = 0, mean_b = 0, ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    mean_a += a[i] / n;
    mean_b += b[i] / n;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean_a) * (b[i] - mean_b);
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return normal_p(ab / std::sqrt(aa * bb) * std::sqrt(n - 1));
}

// The values' ranks, as they stand.
inline std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> rank(values.size());
  for (std::size_t i = 0; i < order.size(); ++i) rank[order[i]] = static_cast<double>(i);
  return rank;
}

// The p-values of a statistic over 100 seeds are uniform themselves, if the statistic's law is as
// stated: the probability of what they are.
using Statistic = std::function<double(std::uint64_t seed)>;
inline double over_seeds(const Statistic& statistic, std::uint64_t first_seed) {
  constexpr std::uint64_t seeds = 100;
  std::vector<double> p;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) p.push_back(statistic(first_seed + seed));
  return uniform_p(std::move(p));
}

}  // namespace tokenyard::test
