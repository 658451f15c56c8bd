// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "core/contracts.hpp"
#include "core/quantity.hpp"

namespace tokenyard::serving {

// Division by a block size. Most are powers of two, for which it takes a cycle and not fifteen.
class BlockDivider {
 public:
  explicit BlockDivider(std::int64_t size)
      : size_(size),
        shift_(std::has_single_bit(static_cast<std::uint64_t>(size))
                   ? std::countr_zero(static_cast<std::uint64_t>(size))
                   : -1) {
    SIM_EXPECT(size >= 1);
  }

  std::int64_t size() const { return size_; }
  // Rounded down, and what is left, in [0, size), also of negative numbers.
  std::int64_t quotient(std::int64_t x) const {
    return shift_ >= 0 ? x >> shift_ : (x - remainder(x)) / size_;
  }
  std::int64_t remainder(std::int64_t x) const {
    if (shift_ >= 0) return x & (size_ - 1);
    const std::int64_t r = x % size_;
    return r < 0 ? r + size_ : r;
  }

 private:
  std::int64_t size_;
  int shift_;
};

// The KV blocks of a replica. Decoding requests are counted, not listed: each takes a block
// whenever its last one is full, every block_size iterations, so those that need one now are the
// members of one residue class, and an iteration's demand is one look-up.
class KvCache {
 public:
  KvCache(Blocks total, Tokens block_size)
      : total_(total), free_(total), block_size_(block_size.value()) {
    SIM_EXPECT(total.value() >= 1);
    classes_.resize(static_cast<std::size_t>(block_size_.size()));
  }

  Blocks total() const { return total_; }
  Blocks free() const { return free_; }
  Blocks used() const { return total_ - free_; }

  // The blocks that hold `tokens`.
  Blocks blocks_for(Tokens tokens) const {
    return Blocks(block_size_.quotient(tokens.value() + block_size_.size() - 1));
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
    return Blocks(classes_[static_cast<std::size_t>(block_size_.remainder(-count))]);
  }
  bool needs_block(Tokens computed) const { return block_size_.remainder(computed.value()) == 0; }

  // Blocks that `decodes` requests need for the `iterations` from `count` on.
  Blocks demand(std::int64_t count, std::int64_t iterations, std::int64_t decodes) const {
    std::int64_t sum = block_size_.quotient(iterations) * decodes;
    // The classes in turn, downwards and around.
    auto next = static_cast<std::size_t>(block_size_.remainder(-count));
    for (std::int64_t rest = block_size_.remainder(iterations); rest > 0; --rest) {
      sum += classes_[next];
      next = next == 0 ? classes_.size() - 1 : next - 1;
    }
    return Blocks(sum);
  }

  // How many of the `wanted` iterations from `count` on the free blocks suffice for.
  std::int64_t covered(std::int64_t count, std::int64_t wanted, std::int64_t decodes) const {
    const std::int64_t rounds = free_.value() / decodes;  // in each, every request takes a block
    if (rounds > block_size_.quotient(wanted)) return wanted;
    Blocks left(free_.value() % decodes);
    std::int64_t iterations = rounds * block_size_.size();
    for (; iterations < wanted; ++iterations) {
      left -= demand(count + iterations);
      if (left < Blocks(0)) break;
    }
    return iterations;
  }

 private:
  // The class is fixed while a request decodes, since computed and count grow together.
  std::int64_t& class_of(Tokens computed, std::int64_t count) {
    return classes_[static_cast<std::size_t>(block_size_.remainder(computed.value() - count))];
  }

  Blocks total_;
  Blocks free_;
  BlockDivider block_size_;
  std::vector<std::int64_t> classes_;
};

}  // namespace tokenyard::serving
