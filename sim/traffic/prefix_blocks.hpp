// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "core/quantity.hpp"
#include "traffic/number_set.hpp"
#include "traffic/request.hpp"

namespace tokenyard::traffic {

// Calls see(end, identity) for each block of a prompt whose content is said, the partial last one
// included: two prompts have a block of one identity if it is at the same place and made of the
// same pieces. A block that reaches beyond the last piece is like no other, and left out.
template <class See>
void for_each_block(Tokens block, Tokens prompt, std::span<const Piece> pieces, See see) {
  const std::int64_t size = block.value();
  const std::int64_t blocks = (prompt.value() + size - 1) / size;
  std::size_t first = 0;  // the first piece that reaches into the block
  for (std::int64_t b = 0; b < blocks; ++b) {
    const std::int64_t begin = b * size;
    const std::int64_t end = std::min(begin + size, prompt.value());
    if (pieces.empty() || pieces.back().until < end) return;
    while (pieces[first].until <= begin) ++first;
    auto identity = static_cast<std::uint64_t>(b);
    for (std::size_t i = first;; ++i) {
      identity = mixed(identity, pieces[i].content);
      if (pieces[i].until >= end) break;
      // Where a piece ends inside the block decides which tokens of the next are in it.
      identity = mixed(identity, static_cast<std::uint64_t>(pieces[i].until));
    }
    see(end, identity);
  }
}

}  // namespace tokenyard::traffic
