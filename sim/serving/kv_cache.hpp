// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/contracts.hpp"
#include "core/quantity.hpp"

namespace tokenyard::serving {

// The KV blocks of a replica. Decoding requests are counted, not listed: each takes a block
// whenever its last one is full, every block_size iterations, so those that need one now are the
// members of one residue class, and an iteration's demand is one look-up.
class KvCache {
 public:
  KvCache(Blocks total, Tokens block_size)
      : total_(total), free_(total), block_size_(block_size.value()) {
    SIM_EXPECT(total.value() >= 1 && block_size_ >= 1);
    classes_.resize(static_cast<std::size_t>(block_size_));
  }

  Blocks total() const { return total_; }
  Blocks free() const { return free_; }
  Blocks used() const { return total_ - free_; }

  // The blocks that hold `tokens`.
  Blocks blocks_for(Tokens tokens) const {
    return Blocks((tokens.value() + block_size_ - 1) / block_size_);
  }

  void take(Blocks blocks) {
    SIM_EXPECT(blocks <= free_);
    free_ -= blocks;
  }
  void give_back(Blocks blocks) {
    free_ += blocks;
    SIM_ENSURE(free_ <= total_);
  }

  // A request with `computed` tokens in the cache begins, or stops, to decode at decode count
  // `count` of the replica.
  void join(Tokens computed, std::int64_t count) { ++class_of(computed, count); }
  void leave(Tokens computed, std::int64_t count) {
    SIM_EXPECT(class_of(computed, count) > 0);
    --class_of(computed, count);
  }

  // Blocks the decoding requests need for the iteration that begins at `count`.
  Blocks demand(std::int64_t count) const {
    const std::int64_t r = count % block_size_;
    return Blocks(classes_[static_cast<std::size_t>(r == 0 ? 0 : block_size_ - r)]);
  }
  bool needs_block(Tokens computed) const { return computed.value() % block_size_ == 0; }

  // Blocks that `decodes` requests need for the `iterations` from `count` on.
  Blocks demand(std::int64_t count, std::int64_t iterations, std::int64_t decodes) const {
    std::int64_t sum = iterations / block_size_ * decodes;
    // The classes in turn, downwards and around.
    auto next = static_cast<std::size_t>(block_size_ - count % block_size_);
    for (std::int64_t rest = iterations % block_size_; rest > 0; --rest) {
      if (next == classes_.size()) next = 0;
      sum += classes_[next];
      next = next == 0 ? classes_.size() - 1 : next - 1;
    }
    return Blocks(sum);
  }

  // How many of the `wanted` iterations from `count` on the free blocks suffice for.
  std::int64_t covered(std::int64_t count, std::int64_t wanted, std::int64_t decodes) const {
    if (decodes == 0) return wanted;
    const std::int64_t rounds = free_.value() / decodes;
    if (rounds >= wanted / block_size_ + 1) return wanted;
    Blocks left(free_.value() % decodes);
    std::int64_t iterations = rounds * block_size_;
    for (; iterations < wanted; ++iterations) {
      left -= demand(count + iterations);
      if (left < Blocks(0)) break;
    }
    return iterations;
  }

 private:
  // The class is fixed while a request decodes, since computed and count grow together.
  std::int64_t& class_of(Tokens computed, std::int64_t count) {
    const std::int64_t r = (computed.value() - count) % block_size_;
    return classes_[static_cast<std::size_t>(r < 0 ? r + block_size_ : r)];
  }

  Blocks total_;
  Blocks free_;
  std::int64_t block_size_;
  std::vector<std::int64_t> classes_;
};

}  // namespace tokenyard::serving
