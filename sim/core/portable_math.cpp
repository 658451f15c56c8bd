// SPDX-License-Identifier: Apache-2.0
#include "core/portable_math.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "core/contracts.hpp"

namespace tokenyard {
namespace {

// ln 2 in two parts: the high one has 32 trailing zero bits, so that n * high is exact.
constexpr double ln2_high = 0x1.62e42feep-1;
constexpr double ln2_low = 0x1.a39ef35793c76p-33;
constexpr double sqrt_half = 0x1.6a09e667f3bcdp-1;

constexpr std::uint64_t mantissa_bits = 52;
constexpr int exponent_bias = 1023;

double power_of_two(int exponent) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + exponent_bias)
                               << mantissa_bits);
}

// 1/3 + z/5 + z^2/7 + ... + z^10/23, in a tree of short sums that need not wait for each other.
double sum_of_odd_parts(double z) {
  const double z2 = z * z;
  const double z4 = z2 * z2;
  const double z8 = z4 * z4;
  const double low = (1.0 / 3 + z * (1.0 / 5)) + z2 * (1.0 / 7 + z * (1.0 / 9));
  const double middle = (1.0 / 11 + z * (1.0 / 13)) + z2 * (1.0 / 15 + z * (1.0 / 17));
  const double high = (1.0 / 19 + z * (1.0 / 21)) + z2 * (1.0 / 23);
  return low + z4 * middle + z8 * high;
}

double polynomial(const std::array<double, 8>& coefficients, double x) {
  double sum = 0;
  for (std::size_t i = coefficients.size(); i > 0; --i) sum = sum * x + coefficients[i - 1];
  return sum;
}

// A ratio of polynomials of degree 7.
struct Ratio {
  std::array<double, 8> above;
  std::array<double, 8> below;

  double at(double x) const { return polynomial(above, x) / polynomial(below, x); }
};

// Of the normal quantile: near the middle, in the tails, and far out.
constexpr Ratio near_middle = {
    {3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
     1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
     3.3430575583588128105e4, 2.5090809287301226727e3},
    {1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
     2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4,
     5.2264952788528545610e3}};
constexpr Ratio in_tail = {
    {1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
     3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
     2.27238449892691845833e-2, 7.74545014278341407640e-4},
    {1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
     1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
     1.05075007164441684324e-9}};
constexpr Ratio in_far_tail = {
    {6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
     2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
     2.71155556874348757815e-5, 2.01033439929228813265e-7},
    {1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
     7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
     2.04426310338993978564e-15}};

// Pi / 2 in two parts: the high one has 20 trailing zero bits, so that n * high is exact.
constexpr double half_pi_high = 0x1.921fb544p+0;
constexpr double half_pi_low = 0x1.0b4611a626331p-34;

// Taylor's series, for |x| <= pi / 4.
double short_sin(double x) {
  const double z = x * x;
  double sum = 1;
  for (int k = 18; k >= 2; k -= 2) sum = 1 - sum * (z / (k * (k + 1)));
  return x * sum;
}

double short_cos(double x) {
  const double z = x * x;
  double sum = 1;
  for (int k = 17; k >= 1; k -= 2) sum = 1 - sum * (z / (k * (k + 1)));
  return sum;
}

// The sine `quarters` quarter turns on.
double turned_sin(double x, int quarters) {
  SIM_EXPECT(x >= -7 && x <= 7);
  const double turns = x * (2 / 3.14159265358979323846);
  const int n = static_cast<int>(turns + (turns < 0 ? -0.5 : 0.5));
  const double r = (x - n * half_pi_high) - n * half_pi_low;
  const int quarter = (n + quarters + 8) % 4;
  const double size = quarter % 2 == 0 ? short_sin(r) : short_cos(r);
  return quarter < 2 ? size : -size;
}

// x + x^3 / 6 + ..., for |x| <= 1/2.
double short_asin(double x) {
  const double z = x * x;
  double sum = 1;
  for (int k = 51; k >= 1; k -= 2) {
    const double n = k;
    // Each term is the one before times n^2 z / ((n + 1)(n + 2)).
    sum = 1 + sum * (z * (n * n / ((n + 1) * (n + 2))));
  }
  return x * sum;
}

}  // namespace

double portable_log(double x) {
  SIM_EXPECT(x > 0 && x <= 0x1.fffffffffffffp+1023);
  std::int64_t exponent = 0;
  if (x < 0x1p-1022) {  // subnormal
    x *= 0x1p54;
    exponent -= 54;
  }
  // x = 2^exponent m with m in [sqrt(1/2), sqrt(2)), without a branch that could go either way.
  const auto bits = std::bit_cast<std::int64_t>(x);
  const std::int64_t above = (bits - std::bit_cast<std::int64_t>(sqrt_half)) >> mantissa_bits;
  exponent += above;
  const auto m = std::bit_cast<double>(bits - (above << mantissa_bits));
  // log m = 2 atanh(s), s = (m-1)/(m+1), |s| < 0.172.
  const double f = m - 1;
  const double s = f / (m + 1);
  const double z = s * s;
  const double tail = sum_of_odd_parts(z);
  // 2s = f - f*s, which keeps the leading term exact.
  const double log_m = f - s * (f - 2 * z * tail);
  const auto n = static_cast<double>(exponent);
  return n * ln2_high + (log_m + n * ln2_low);
}

double portable_exp(double x) {
  SIM_EXPECT(x >= -700 && x <= 700);
  constexpr double inverse_ln2 = 0x1.71547652b82fep+0;
  const double scaled = x * inverse_ln2;
  const int n = static_cast<int>(scaled + (scaled < 0 ? -0.5 : 0.5));
  const double r = (x - n * ln2_high) - n * ln2_low;  // |r| <= 0.35
  double sum = 1;
  for (int k = 14; k >= 1; --k) sum = 1 + sum * (r / k);
  return sum * power_of_two(n);
}

double portable_normal_quantile(double p) {
  SIM_EXPECT(p > 0 && p < 1);
  const double from_middle = p - 0.5;
  if (std::abs(from_middle) <= 0.425) {
    return from_middle * near_middle.at(0.180625 - from_middle * from_middle);
  }
  const double r = std::sqrt(-portable_log(from_middle < 0 ? p : 1 - p));
  const double x = r <= 5 ? in_tail.at(r - 1.6) : in_far_tail.at(r - 5);
  return from_middle < 0 ? -x : x;
}

double portable_log_gamma(double x) {
  SIM_EXPECT(x > 0);
  constexpr double half_log_two_pi = 0.91893853320467274178;
  double product = 1;  // Stirling's series wants a large argument
  for (; x < 12; ++x) product *= x;
  const double inverse = 1 / x;
  const double z = inverse * inverse;
  const double series =
      inverse *
      (1.0 / 12 -
       z * (1.0 / 360 - z * (1.0 / 1260 - z * (1.0 / 1680 - z * (1.0 / 1188 - z * 691 / 360360)))));
  return (x - 0.5) * portable_log(x) - x + half_log_two_pi + series - portable_log(product);
}

double portable_sin(double x) { return turned_sin(x, 0); }

double portable_cos(double x) { return turned_sin(x, 1); }

double portable_asin(double x) {
  SIM_EXPECT(x >= -1 && x <= 1);
  const double size = std::abs(x);
  if (size <= 0.5) return short_asin(x);
  const double rest = 2 * short_asin(std::sqrt((1 - size) / 2));
  const double angle = (half_pi_high - rest) + half_pi_low;
  return x < 0 ? -angle : angle;
}

}  // namespace tokenyard
