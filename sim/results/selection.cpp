// SPDX-License-Identifier: Apache-2.0
#include "results/selection.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "core/contracts.hpp"

namespace tokenyard::results {

namespace {

constexpr std::uint64_t most_kept = 262'144;
constexpr int cell_bits = 12;

// Adding zero turns -0 into +0, which is the same value.
std::uint64_t bits_of(double value) { return std::bit_cast<std::uint64_t>(value + 0.0); }

}  // namespace

Selection::Selection(const LogHistogram& histogram, std::span<const double> quantiles)
    : targets_(quantiles.size()), empty_(histogram.count() == 0) {
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    SIM_EXPECT(quantiles[i] >= 0 && quantiles[i] <= 1);
    Target& target = targets_[i];
    target.found = empty_;
    if (empty_) continue;
    const auto [bucket, rank] = histogram.locate(nearest_rank(quantiles[i], histogram.count()));
    const auto [low, high] = LogHistogram::bounds(bucket);
    target.rank = rank;
    target.count = histogram.count_in(bucket);
    target.low = bits_of(std::max(low, histogram.min()));
    target.high =
        std::min(std::isinf(high) ? bits_of(high) : bits_of(high) - 1, bits_of(histogram.max()));
    target.prepare();
  }
}

void Selection::Target::prepare() {
  kept = {};
  cells = {};
  found = low == high;
  if (found) return;
  if (count <= most_kept) {
    kept.reserve(count);
    return;
  }
  shift = std::max(0, static_cast<int>(std::bit_width(high - low)) - cell_bits);
  cells.resize(((high - low) >> shift) + 1);
}

void Selection::Target::add(double value) {
  const std::uint64_t bits = bits_of(value);
  if (found || bits < low || bits > high) return;
  if (cells.empty()) {
    SIM_EXPECT(kept.size() < count);
    kept.push_back(bits);
    return;
  }
  Cell& cell = cells[(bits - low) >> shift];
  ++cell.count;
  cell.least = std::min(cell.least, bits);
  cell.most = std::max(cell.most, bits);
}

void Selection::Target::narrow() {
  if (found) return;
  if (cells.empty()) {
    SIM_EXPECT(kept.size() == count);
    const auto at = kept.begin() + static_cast<std::ptrdiff_t>(rank - 1);
    std::nth_element(kept.begin(), at, kept.end());
    low = high = *at;
    return prepare();
  }
  std::size_t i = 0;
  while (i < cells.size() && rank > cells[i].count) rank -= cells[i++].count;
  SIM_EXPECT(i < cells.size());
  const Cell cell = cells[i];
  low = cell.least;
  high = cell.most;
  count = cell.count;
  prepare();
}

bool Selection::done() const {
  return std::all_of(targets_.begin(), targets_.end(), [](const Target& t) { return t.found; });
}

void Selection::end_pass() {
  for (Target& target : targets_) target.narrow();
}

std::vector<double> Selection::result() const {
  SIM_EXPECT(done());
  std::vector<double> values;
  for (const Target& target : targets_)
    values.push_back(empty_ ? std::numeric_limits<double>::quiet_NaN()
                            : std::bit_cast<double>(target.low));
  return values;
}

}  // namespace tokenyard::results
