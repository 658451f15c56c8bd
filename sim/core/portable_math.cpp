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
constexpr std::uint64_t mantissa_mask = (std::uint64_t{1} << mantissa_bits) - 1;
constexpr int exponent_bias = 1023;

double power_of_two(int exponent) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + exponent_bias)
                               << mantissa_bits);
}

}  // namespace

double portable_log(double x) {
  SIM_EXPECT(x > 0 && x <= 0x1.fffffffffffffp+1023);
  int exponent = 0;
  if (x < 0x1p-1022) {  // subnormal
    x *= 0x1p54;
    exponent -= 54;
  }
  const auto bits = std::bit_cast<std::uint64_t>(x);
  exponent += static_cast<int>(bits >> mantissa_bits) - exponent_bias + 1;
  double m = std::bit_cast<double>((bits & mantissa_mask) |
                                   (std::uint64_t{exponent_bias - 1} << mantissa_bits));
  if (m < sqrt_half) {
    m *= 2;
    --exponent;
  }
  // m in [sqrt(1/2), sqrt(2)): log m = 2 atanh(s), s = (m-1)/(m+1), |s| < 0.172.
  const double f = m - 1;
  const double s = f / (m + 1);
  const double z = s * s;
  double tail = 1.0 / 23;
  for (int odd = 21; odd >= 3; odd -= 2) tail = tail * z + 1.0 / odd;
  // 2s = f - f*s, which keeps the leading term exact.
  const double log_m = f - s * (f - 2 * z * tail);
  const double n = exponent;
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
