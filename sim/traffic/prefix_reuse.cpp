// SPDX-License-Identifier: Apache-2.0
#include "traffic/prefix_reuse.hpp"

#include <algorithm>

#include "core/contracts.hpp"

namespace tokenyard::traffic {

PrefixReuse::PrefixReuse(Tokens block) : block_(block.value()) { SIM_EXPECT(block_ >= 1); }

void PrefixReuse::add(Tokens prompt, std::span<const Piece> pieces) {
  const std::int64_t blocks = (prompt.value() + block_ - 1) / block_;
  totals_.blocks += static_cast<std::uint64_t>(blocks);
  bool reused = false;
  std::size_t first = 0;  // the first piece that reaches into the block
  for (std::int64_t b = 0; b < blocks; ++b) {
    const std::int64_t begin = b * block_;
    const std::int64_t end = std::min(begin + block_, prompt.value());
    if (pieces.empty() || pieces.back().until < end) break;
    while (pieces[first].until <= begin) ++first;
    auto identity = static_cast<std::uint64_t>(b);
    for (std::size_t i = first;; ++i) {
      identity = mixed(identity, pieces[i].content);
      if (pieces[i].until >= end) break;
      // Where a piece ends inside the block decides which tokens of the next are in it.
      identity = mixed(identity, static_cast<std::uint64_t>(pieces[i].until));
    }
    if (known_.insert(identity)) continue;
    ++totals_.seen_before;
    reused = reused || b > 0;
  }
  totals_.requests_reused += reused ? 1 : 0;
}

PrefixStatistics PrefixReuse::finish() const {
  PrefixStatistics totals = totals_;
  totals.distinct = known_.size();
  return totals;
}

}  // namespace tokenyard::traffic
