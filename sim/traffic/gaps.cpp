// SPDX-License-Identifier: Apache-2.0
#include "traffic/gaps.hpp"

#include "core/contracts.hpp"
#include "core/portable_math.hpp"

namespace tokenyard::traffic {
namespace {

// x^y for x >= 0; far below the smallest date it is 0.
double power(double x, double y) {
  if (x <= 0) return 0;
  const double exponent = y * portable_log(x);
  return exponent < -700 ? 0 : portable_exp(exponent);
}

// log(1 + CV^2) of a Weibull variable: falls as the shape rises.
double log_spread(double shape) {
  return portable_log_gamma(1 + 2 / shape) - 2 * portable_log_gamma(1 + 1 / shape);
}

double weibull_shape(double cv) {
  const double wanted = portable_log(1 + cv * cv);
  double low = 0.05, high = 50;
  for (int i = 0; i < 100; ++i) {
    const double middle = 0.5 * (low + high);
    (log_spread(middle) > wanted ? low : high) = middle;
  }
  return high;
}

}  // namespace

Gaps Gaps::gamma(double cv) {
  SIM_EXPECT(cv >= least_cv && cv <= most_cv);
  Gaps gaps;
  gaps.kind_ = Kind::gamma;
  gaps.shape_ = 1 / (cv * cv);
  gaps.scale_ = cv * cv;
  return gaps;
}

Gaps Gaps::weibull(double cv) {
  SIM_EXPECT(cv >= least_cv && cv <= most_cv);
  Gaps gaps;
  gaps.kind_ = Kind::weibull;
  gaps.shape_ = weibull_shape(cv);
  gaps.scale_ = portable_exp(-portable_log_gamma(1 + 1 / gaps.shape_));
  return gaps;
}

double Gaps::draw(RandomStream& stream) const {
  switch (kind_) {
    case Kind::exponential:
      return stream.exponential();
    case Kind::gamma:
      return scale_ * stream.gamma(shape_);
    case Kind::weibull:
      return scale_ * power(stream.exponential(), 1 / shape_);
  }
  SIM_ASSERT(false);
  return 0;
}

double Gaps::first(RandomStream& stream) const {
  // The gap that a given date falls into is one drawn in proportion to its length, and the date is
  // anywhere in it. Length-biased, gamma has its shape plus 1, and Weibull's power is a gamma.
  switch (kind_) {
    case Kind::exponential:
      return stream.exponential();
    case Kind::gamma:
      return scale_ * stream.gamma(shape_ + 1) * stream.uniform();
    case Kind::weibull:
      return scale_ * power(stream.gamma(1 + 1 / shape_), 1 / shape_) * stream.uniform();
  }
  SIM_ASSERT(false);
  return 0;
}

}  // namespace tokenyard::traffic
