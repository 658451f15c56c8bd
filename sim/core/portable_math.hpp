// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tokenyard {

// Natural logarithm of x > 0, finite. Only + - * / on binary64 in a fixed order, so every CPU and
// compiler gives the same bits, which libm's log does not. Relative error below 1e-15.
double portable_log(double x);

// e^x for |x| <= 700, with the same promise.
double portable_exp(double x);

}  // namespace tokenyard
