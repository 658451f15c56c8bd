// SPDX-License-Identifier: Apache-2.0
#include "core/portable_math.hpp"

#include <bit>
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

}  // namespace tokenyard
