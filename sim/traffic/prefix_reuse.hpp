// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "core/quantity.hpp"
#include "traffic/number_set.hpp"
#include "traffic/request.hpp"

namespace tokenyard::traffic {

struct PrefixStatistics {
  std::uint64_t blocks = 0;           // of all prompts, partial last ones included
  std::uint64_t seen_before = 0;      // of these: an earlier prompt had the same
  std::uint64_t distinct = 0;         // different blocks whose content is said
  std::uint64_t requests_reused = 0;  // with a block beyond their first that was seen before
};

// What a cache without bounds could reuse: the blocks of prompts that came before at the same place
// with the same pieces. A block that reaches beyond the last piece is like no other.
class PrefixReuse final {
 public:
  explicit PrefixReuse(Tokens block);

  void add(Tokens prompt, std::span<const Piece> pieces);
  PrefixStatistics finish() const;

 private:
  std::int64_t block_;
  NumberSet known_;
  PrefixStatistics totals_;
};

}  // namespace tokenyard::traffic
