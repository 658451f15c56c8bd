// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "serving/block_divider.hpp"
#include "serving/kv_layout.hpp"

namespace tokenyard::serving {

// The blocks of one group of windowed layers, for all decoding requests of a replica. A request
// with n tokens in the cache holds
//   sliding    min(ceil(n / block), ceil((window - 1) / block) + 1) blocks: all that a window may
//              touch, which it fills in turn once they are there;
//   restarting the blocks of its tokens since the last multiple of the window.
// Requests are counted by key, their tokens less the decode count, which stays as they decode.
class KvWindow {
 public:
  KvWindow(const KvLayout::Window& window, BlockDivider block);

  // Of a request with so many tokens.
  std::int64_t blocks_for(std::int64_t tokens) const;
  // The most on the way there.
  std::int64_t most_for(std::int64_t tokens) const;

  void join(std::int64_t computed, std::int64_t count);
  void leave(std::int64_t computed, std::int64_t count);

  // Blocks the decoding requests take, less those they give back, for the iteration at `count`.
  std::int64_t demand(std::int64_t count) const;
  // The same for `iterations` from `count` on, all below next_kink(). O(block size).
  std::int64_t demand(std::int64_t count, std::int64_t iterations) const;

  // The first count above `count` at which the demand is no longer that of one class of a block:
  // a window is full, or restarts. O(log requests).
  std::int64_t next_kink(std::int64_t count) const;

  // Requests whose window is full at `count` stop to take blocks. Due at each kink.
  void settle(std::int64_t count);

 private:
  std::int64_t& class_of(std::int64_t key) {
    return classes_[static_cast<std::size_t>(block_.remainder(key))];
  }

  std::int64_t weight_;
  BlockDivider block_;
  BlockDivider span_;  // tokens from one restart to the next, or those of all blocks of a ring
  bool restarts_;
  std::int64_t members_ = 0;  // of all classes
  std::vector<std::int64_t> classes_;
  std::map<std::int64_t, std::int64_t>
      keys_;  // sliding: not full, by key; else all, by key mod span
};

}  // namespace tokenyard::serving
