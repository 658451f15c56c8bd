// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tokenyard {

// Natural logarithm of x > 0, finite. Only + - * / on binary64 in a fixed order, so every CPU and
// compiler gives the same bits, which libm's log does not. Relative error below 1e-15.
double portable_log(double x);

// e^x for |x| <= 700, with the same promise.
double portable_exp(double x);

// The x below which a standard normal variable falls with probability 0 < p < 1, with the same
// promise; relative error below 1e-15 (Wichura, algorithm AS 241).
double portable_normal_quantile(double p);

// Logarithm of the gamma function of x > 0, with the same promise; absolute error below 1e-13.
double portable_log_gamma(double x);

// Sine and cosine of |x| <= 7 radians and the arc sine of |x| <= 1, with the same promise; absolute
// error below 1e-15.
double portable_sin(double x);
double portable_cos(double x);
double portable_asin(double x);

}  // namespace tokenyard
