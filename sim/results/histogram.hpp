// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/contracts.hpp"

namespace tokenyard::results {

// The rank (from 1) of the q-quantile of n >= 1 values by the nearest-rank rule: the least r with
// r >= q n, at least 1. A product within rounding of an integer counts as that integer, so that
// q = 0.07 of 100 values is the 7th. q in [0, 1].
std::uint64_t nearest_rank(double q, std::uint64_t n);

// A histogram of non-negative numbers whose quantiles are within 0.8 % for values in [1e-9, 1e9].
// The bucket is the binary exponent and the 6 top mantissa bits: no logarithm, 31 KB, nothing
// allocated after construction. Smaller values share one bucket that counts as 0, greater ones
// (infinity too) one at the top. Sums are made in the order of the calls.
class LogHistogram final {
 public:
  struct Bounds {
    double low;   // included
    double high;  // excluded, but for the top bucket, which includes infinity
  };

  LogHistogram() : counts_(bucket_count, 0) {}

  // `value` >= 0, not NaN.
  void add(double value, std::uint64_t count = 1) {
    const std::size_t bucket = bucket_of(value);
    if (count == 0) return;
    counts_[bucket] += count;
    count_ += count;
    sum_ += value * static_cast<double>(count);
    min_ = std::min(min_, value);
    max_ = std::max(max_, value);
  }

  // Adds start + growth * i for i in [0, steps), each `weight` times, in one step a bucket; growth
  // >= 0. The counts are those of single additions, to the last.
  void add_ramp(double start, double growth, std::uint64_t steps, std::uint64_t weight) {
    SIM_EXPECT(growth >= 0);
    if (steps == 0 || weight == 0) return;
    const auto n = static_cast<double>(steps);
    const double last = start + growth * (n - 1);
    const std::size_t bucket = bucket_of(start);
    if (bucket == bucket_of(last)) {
      counts_[bucket] += steps * weight;
    } else {
      spread_ramp(start, growth, steps, weight);
    }
    count_ += steps * weight;
    sum_ += (start * n + growth * (n * (n - 1) / 2)) * static_cast<double>(weight);
    min_ = std::min(min_, start);
    max_ = std::max(max_, last);
  }

  void merge(const LogHistogram& other);

  std::uint64_t count() const { return count_; }
  double sum() const { return sum_; }
  // NaN where there are no values; minimum and maximum are exact.
  double mean() const;
  double min() const;
  double max() const;

  // The middle of the bucket that holds the nearest-rank quantile, clamped to [min, max]; NaN where
  // there are no values. q in [0, 1].
  double quantile(double q) const;

  static std::size_t bucket_of(double value) {
    SIM_EXPECT(value >= 0);
    // Adding zero turns -0, whose sign would read as a great number, into +0.
    const auto bits = std::bit_cast<std::uint64_t>(value + 0.0);
    const auto top_bits = static_cast<std::int64_t>(bits >> shift);
    return static_cast<std::size_t>(
        std::clamp<std::int64_t>(top_bits - first + 1, 0, bucket_count - 1));
  }
  static Bounds bounds(std::size_t bucket);
  std::uint64_t count_in(std::size_t bucket) const;

  struct Place {
    std::size_t bucket;
    std::uint64_t rank;  // from 1, among the values of the bucket
  };
  // Where the value of a rank lies; rank in [1, count()].
  Place locate(std::uint64_t rank) const;

 private:
  void spread_ramp(double start, double growth, std::uint64_t steps, std::uint64_t weight);

  static constexpr int mantissa_bits = 6;
  static constexpr int shift = 52 - mantissa_bits;
  static constexpr int lowest_exponent = -30;  // 2^-30 < 1e-9
  static constexpr int highest_exponent = 30;  // 2^30 > 1e9
  static constexpr std::int64_t first = std::int64_t{1023 + lowest_exponent} << mantissa_bits;
  // The regular buckets, and one at each end.
  static constexpr std::int64_t bucket_count =
      ((highest_exponent - lowest_exponent) << mantissa_bits) + 2;

  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  double sum_ = 0;
  double min_ = std::numeric_limits<double>::infinity();
  double max_ = 0;
};

}  // namespace tokenyard::results
