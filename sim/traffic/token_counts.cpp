// SPDX-License-Identifier: Apache-2.0
#include "traffic/token_counts.hpp"

#include <algorithm>
#include <limits>

#include "core/contracts.hpp"

namespace tokenyard::traffic {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

void TokenCounts::add(Tokens tokens) {
  const std::int64_t value = tokens.value();
  SIM_EXPECT(value >= 0);
  ++count_;
  sum_ += static_cast<double>(value);
  max_ = std::max(max_, value);
  if (value >= most_exact) {
    longer_.add(static_cast<double>(value));
    return;
  }
  const auto place = static_cast<std::size_t>(value);
  if (place >= counts_.size()) {
    counts_.resize(std::clamp(2 * place, std::size_t{1024}, std::size_t{most_exact}));
  }
  ++counts_[place];
}

double TokenCounts::mean() const {
  return count_ == 0 ? nothing : sum_ / static_cast<double>(count_);
}

double TokenCounts::max() const { return count_ == 0 ? nothing : static_cast<double>(max_); }

double TokenCounts::quantile(double q) const {
  if (count_ == 0) return nothing;
  std::uint64_t rank = results::nearest_rank(q, count_);
  for (std::size_t tokens = 0; tokens < counts_.size(); ++tokens) {
    if (rank <= counts_[tokens]) return static_cast<double>(tokens);
    rank -= counts_[tokens];
  }
  const auto [low, high] = results::LogHistogram::bounds(longer_.locate(rank).bucket);
  return std::clamp(low + (high - low) / 2, longer_.min(), longer_.max());
}

}  // namespace tokenyard::traffic
