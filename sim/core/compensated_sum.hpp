// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tokenyard {

// A sum of many binary64 numbers whose error does not grow with their count (Neumaier).
class CompensatedSum {
 public:
  void add(double x) {
    const double total = sum_ + x;
    const double larger = magnitude(sum_) >= magnitude(x) ? sum_ : x;
    const double smaller = magnitude(sum_) >= magnitude(x) ? x : sum_;
    lost_ += (larger - total) + smaller;
    sum_ = total;
  }
  double value() const { return sum_ + lost_; }

 private:
  static double magnitude(double x) { return x < 0 ? -x : x; }

  double sum_ = 0;
  double lost_ = 0;
};

}  // namespace tokenyard
