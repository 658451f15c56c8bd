// SPDX-License-Identifier: Apache-2.0
#include "traffic/prefix_reuse.hpp"

#include "core/contracts.hpp"
#include "traffic/prefix_blocks.hpp"

namespace tokenyard::traffic {

PrefixReuse::PrefixReuse(Tokens block) : block_(block.value()) { SIM_EXPECT(block_ >= 1); }

void PrefixReuse::add(Tokens prompt, std::span<const Piece> pieces) {
  totals_.blocks += static_cast<std::uint64_t>((prompt.value() + block_ - 1) / block_);
  bool reused = false;
  for_each_block(Tokens(block_), prompt, pieces, [&](std::int64_t end, std::uint64_t identity) {
    if (known_.insert(identity)) return;
    ++totals_.seen_before;
    reused = reused || end > block_;
  });
  totals_.requests_reused += reused ? 1 : 0;
}

PrefixStatistics PrefixReuse::finish() const {
  PrefixStatistics totals = totals_;
  totals.distinct = known_.size();
  return totals;
}

}  // namespace tokenyard::traffic
