// SPDX-License-Identifier: Apache-2.0
#include "serving/kv_windows.hpp"

#include <algorithm>
#include <limits>

#include "core/contracts.hpp"

namespace tokenyard::serving {
namespace {

std::int64_t span_of(const KvLayout::Window& window, const BlockDivider& block) {
  SIM_EXPECT(window.tokens >= Tokens(1) && window.weight >= 1);
  if (window.restarts) return block.round_up(window.tokens.value());
  return block.round_up(window.tokens.value() - 1) + block.size();
}

}  // namespace

KvWindow::KvWindow(const KvLayout::Window& window, BlockDivider block)
    : weight_(window.weight),
      block_(block),
      span_(span_of(window, block)),
      restarts_(window.restarts),
      classes_(static_cast<std::size_t>(block.size())) {}

std::int64_t KvWindow::blocks_for(std::int64_t tokens) const {
  if (tokens == 0) return 0;
  const std::int64_t kept =
      restarts_ ? span_.remainder(tokens - 1) + 1 : std::min(tokens, span_.size());
  return weight_ * block_.quotient(kept + block_.size() - 1);
}

std::int64_t KvWindow::most_for(std::int64_t tokens) const {
  return weight_ * block_.quotient(std::min(tokens, span_.size()) + block_.size() - 1);
}

void KvWindow::join(std::int64_t computed, std::int64_t count) {
  const std::int64_t key = computed - count;
  if (!restarts_ && computed >= span_.size()) return;
  ++keys_[restarts_ ? span_.remainder(key) : key];
  ++class_of(key);
  ++members_;
}

void KvWindow::leave(std::int64_t computed, std::int64_t count) {
  const std::int64_t key = computed - count;
  if (!restarts_ && computed >= span_.size()) return;
  const auto at = keys_.find(restarts_ ? span_.remainder(key) : key);
  SIM_EXPECT(at != keys_.end() && at->second > 0);
  if (--at->second == 0) keys_.erase(at);
  --class_of(key);
  --members_;
}

std::int64_t KvWindow::demand(std::int64_t count) const {
  const std::int64_t takers = classes_[static_cast<std::size_t>(block_.remainder(-count))];
  std::int64_t givers = 0;
  if (restarts_) {
    const auto at = keys_.find(span_.remainder(-count));
    if (at != keys_.end()) givers = at->second;
  }
  return weight_ * (takers - givers * block_.quotient(span_.size()));
}

std::int64_t KvWindow::demand(std::int64_t count, std::int64_t iterations) const {
  SIM_EXPECT(iterations == 0 || next_kink(count - 1) >= count + iterations);
  std::int64_t takers = block_.quotient(iterations) * members_;
  for (std::int64_t i = block_.remainder(iterations); i > 0; --i) {
    takers += classes_[static_cast<std::size_t>(block_.remainder(-(count + i - 1)))];
  }
  return weight_ * takers;
}

std::int64_t KvWindow::next_kink(std::int64_t count) const {
  if (keys_.empty()) return std::numeric_limits<std::int64_t>::max();
  if (!restarts_) return span_.size() - keys_.rbegin()->first;
  // The largest key not above that of the next count, or else the largest of all, comes next.
  const std::int64_t wanted = span_.remainder(-(count + 1));
  const auto above = keys_.upper_bound(wanted);
  const std::int64_t key = above == keys_.begin() ? keys_.rbegin()->first : std::prev(above)->first;
  return count + 1 + span_.remainder(wanted - key);
}

void KvWindow::settle(std::int64_t count) {
  if (restarts_) return;
  while (!keys_.empty() && keys_.rbegin()->first + count >= span_.size()) {
    const auto last = std::prev(keys_.end());
    class_of(last->first) -= last->second;
    members_ -= last->second;
    keys_.erase(last);
  }
}

}  // namespace tokenyard::serving
