// SPDX-License-Identifier: Apache-2.0
#include "results/histogram.hpp"

#include <cmath>

namespace tokenyard::results {

namespace {
constexpr double none = std::numeric_limits<double>::quiet_NaN();
}

std::uint64_t nearest_rank(double q, std::uint64_t n) {
  SIM_EXPECT(q >= 0 && q <= 1 && n >= 1);
  const double product = q * static_cast<double>(n);
  const double nearest = std::round(product);
  const double slack = 4 * std::numeric_limits<double>::epsilon() * product;
  const double rank = std::abs(product - nearest) <= slack ? nearest : std::ceil(product);
  // Above 2^53 the double may round past n.
  if (rank >= static_cast<double>(n)) return n;
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(rank));
}

void LogHistogram::spread_ramp(double start, double growth, std::uint64_t steps,
                               std::uint64_t weight) {
  const auto value = [start, growth](std::uint64_t i) {
    return start + growth * static_cast<double>(i);
  };
  const std::size_t last_bucket = bucket_of(value(steps - 1));
  for (std::uint64_t i = 0; i < steps;) {
    const std::size_t bucket = bucket_of(value(i));
    std::uint64_t next = steps;  // the first in a later bucket
    if (bucket < last_bucket) {
      // Near (high - start) / growth; rounding may put it a few steps off.
      const double high = bounds(bucket).high;
      next = static_cast<std::uint64_t>(std::clamp((high - start) / growth, static_cast<double>(i),
                                                   static_cast<double>(steps - 1)));
      while (next > i && value(next - 1) >= high) --next;
      while (value(next) < high) ++next;
    }
    counts_[bucket] += (next - i) * weight;
    i = next;
  }
}

void LogHistogram::merge(const LogHistogram& other) {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

double LogHistogram::mean() const {
  return count_ == 0 ? none : sum_ / static_cast<double>(count_);
}
double LogHistogram::min() const { return count_ == 0 ? none : min_; }
double LogHistogram::max() const { return count_ == 0 ? none : max_; }

LogHistogram::Bounds LogHistogram::bounds(std::size_t bucket) {
  const auto at = static_cast<std::int64_t>(bucket);
  SIM_EXPECT(at < bucket_count);
  const auto edge = [](std::int64_t i) {
    return std::bit_cast<double>(static_cast<std::uint64_t>(first + i - 1) << shift);
  };
  const double low = at == 0 ? 0 : edge(at);
  const double high =
      at == bucket_count - 1 ? std::numeric_limits<double>::infinity() : edge(at + 1);
  return {low, high};
}

std::uint64_t LogHistogram::count_in(std::size_t bucket) const {
  SIM_EXPECT(bucket < counts_.size());
  return counts_[bucket];
}

LogHistogram::Place LogHistogram::locate(std::uint64_t rank) const {
  SIM_EXPECT(rank >= 1 && rank <= count_);
  std::size_t bucket = 0;
  while (rank > counts_[bucket]) rank -= counts_[bucket++];
  return {bucket, rank};
}

double LogHistogram::quantile(double q) const {
  SIM_EXPECT(q >= 0 && q <= 1);
  if (count_ == 0) return none;
  const std::size_t bucket = locate(nearest_rank(q, count_)).bucket;
  const auto [low, high] = bounds(bucket);
  const bool at_an_end = bucket == 0 || std::isinf(high);
  return std::clamp(at_an_end ? low : low + (high - low) / 2, min_, max_);
}

}  // namespace tokenyard::results
