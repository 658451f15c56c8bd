// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/quantity.hpp"
#include "results/histogram.hpp"

namespace tokenyard::traffic {

// How often each number of tokens came. Quantiles are exact below 2^20 tokens and within 0.8 %
// above; 8 MiB at most.
class TokenCounts final {
 public:
  void add(Tokens tokens);

  std::uint64_t count() const { return count_; }
  // NaN where there are none; the quantile is that of the nearest rank.
  double mean() const;
  double quantile(double q) const;
  double max() const;

 private:
  static constexpr std::int64_t most_exact = std::int64_t{1} << 20;

  std::vector<std::uint64_t> counts_;  // by tokens, below most_exact
  results::LogHistogram longer_;
  std::uint64_t count_ = 0;
  double sum_ = 0;
  std::int64_t max_ = 0;
};

}  // namespace tokenyard::traffic
