// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "core/contracts.hpp"
#include "core/quantity.hpp"
#include "serving/block_divider.hpp"
#include "serving/kv_layout.hpp"
#include "serving/kv_windows.hpp"
#include "serving/prefix_cache.hpp"

namespace tokenyard::serving {

// The KV blocks of a replica. Decoding requests are counted, not listed: each takes a block
// whenever its last one is full, every block_size iterations, so those that need one now are the
// members of one residue class, and an iteration's demand is one look-up.
class KvCache {
 public:
  struct Input {
    Blocks total;
    Tokens block_size;
    KvLayout layout{};
    bool keeps_prefixes = false;
  };

  explicit KvCache(const Input& input)
      : total_(input.total), free_(input.total), block_size_(input.block_size.value()) {
    SIM_EXPECT(total_.value() >= 1 && input.layout.weight >= 1);
    classes_.resize(static_cast<std::size_t>(block_size_.size()));
    if (!input.layout.plain() || input.keeps_prefixes) {
      more_ = std::make_unique<More>(input, block_size_);
    }
  }

  Blocks total() const { return total_; }
  Blocks free() const { return free_; }
  Blocks used() const { return total_ - free_; }

  // Blocks that the layers that attend to everything take for block_size tokens.
  std::int64_t weight() const { return more_ == nullptr ? 1 : more_->weight; }

  // Blocks whose content is kept for prompts that begin alike; null without.
  PrefixCache* prefixes() const { return more_ == nullptr ? nullptr : more_->prefixes.get(); }

  // The blocks that a request with so many tokens holds.
  Blocks blocks_for(Tokens tokens) const {
    const std::int64_t blocks = whole_blocks(tokens);
    return Blocks(more_ == nullptr ? blocks : more_->blocks_for(tokens.value(), blocks));
  }
  // The most it holds on the way there.
  Blocks most_for(Tokens tokens) const {
    const std::int64_t blocks = whole_blocks(tokens);
    return Blocks(more_ == nullptr ? blocks : more_->most_for(tokens.value(), blocks));
  }
  // Whether it holds the fewer the shorter it is; so not where a window restarts.
  bool monotonic() const { return more_ == nullptr || more_->monotonic; }

  // A negative number is given back.
  void take(Blocks blocks) {
    SIM_EXPECT(blocks <= free_);
    free_ -= blocks;
    if (more_ != nullptr) more_->make_room(free_);
  }
  void give_back(Blocks blocks) {
    free_ += blocks;
    SIM_ENSURE(free_ <= total_);
  }

  // A request with `computed` tokens in the cache begins, or stops, to decode at decode count
  // `count` of the replica.
  void join(Tokens computed, std::int64_t count) {
    ++class_of(computed, count);
    if (more_ != nullptr) more_->join(computed.value(), count);
  }
  void leave(Tokens computed, std::int64_t count) {
    SIM_EXPECT(class_of(computed, count) > 0);
    --class_of(computed, count);
    if (more_ != nullptr) more_->leave(computed.value(), count);
  }

  // The counts of decoding requests, apart: of those that iterate at another time.
  struct Decoders {
    std::vector<std::int64_t> classes;
    std::vector<KvWindow> windows;
  };
  // Those of a cache that nobody decodes with.
  Decoders nobody_decoding() const {
    return {classes_, more_ == nullptr ? std::vector<KvWindow>() : more_->windows};
  }
  void exchange(Decoders& others) {
    classes_.swap(others.classes);
    if (more_ != nullptr) more_->windows.swap(others.windows);
  }

  // Blocks the decoding requests need for the iteration that begins at `count`.
  Blocks demand(std::int64_t count) const {
    const std::int64_t blocks = classes_[static_cast<std::size_t>(block_size_.remainder(-count))];
    return Blocks(more_ == nullptr ? blocks : more_->demand(count, blocks));
  }
  // Those that one of them needs, with `computed` tokens.
  Blocks growth(Tokens computed) const {
    if (more_ != nullptr) return blocks_for(computed + Tokens(1)) - blocks_for(computed);
    return Blocks(block_size_.remainder(computed.value()) == 0 ? 1 : 0);
  }

  // Blocks that `decodes` requests need for the `iterations` from `count` on, before the next kink.
  Blocks demand(std::int64_t count, std::int64_t iterations, std::int64_t decodes) const {
    std::int64_t sum = block_size_.quotient(iterations) * decodes;
    // The classes in turn, downwards and around.
    auto next = static_cast<std::size_t>(block_size_.remainder(-count));
    for (std::int64_t rest = block_size_.remainder(iterations); rest > 0; --rest) {
      sum += classes_[next];
      next = next == 0 ? classes_.size() - 1 : next - 1;
    }
    return Blocks(more_ == nullptr ? sum : more_->demand(count, iterations, sum));
  }

  // How many of the `wanted` iterations from `count` on the free blocks suffice for. All are before
  // the next kink.
  std::int64_t covered(std::int64_t count, std::int64_t wanted, std::int64_t decodes) const {
    if (more_ != nullptr) return covered_step_by_step(count, wanted, decodes);
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

  // The first count above `count` at which the demand changes its course, if nobody joins or
  // leaves.
  std::int64_t next_kink(std::int64_t count) const {
    return more_ == nullptr ? no_kink : more_->next_kink(count);
  }
  // The decode count has come to `count`.
  void settle(std::int64_t count) {
    if (more_ != nullptr) more_->settle(count);
  }

 private:
  static constexpr std::int64_t no_kink = std::numeric_limits<std::int64_t>::max();

  // What a plain cache does without.
  struct More {
    More(const Input& input, const BlockDivider& block);

    // Each given the blocks of a plain cache.
    std::int64_t blocks_for(std::int64_t tokens, std::int64_t blocks) const;
    std::int64_t most_for(std::int64_t tokens, std::int64_t blocks) const;
    std::int64_t demand(std::int64_t count, std::int64_t blocks) const;
    std::int64_t demand(std::int64_t count, std::int64_t iterations, std::int64_t blocks) const;
    std::int64_t next_kink(std::int64_t count) const;
    void make_room(Blocks free);
    void join(std::int64_t computed, std::int64_t count);
    void leave(std::int64_t computed, std::int64_t count);
    void settle(std::int64_t count);

    std::int64_t weight;
    std::int64_t fixed;
    std::vector<KvWindow> windows;
    bool monotonic = true;
    std::unique_ptr<PrefixCache> prefixes;
  };

  std::int64_t whole_blocks(Tokens tokens) const {
    return block_size_.quotient(tokens.value() + block_size_.size() - 1);
  }

  std::int64_t covered_step_by_step(std::int64_t count, std::int64_t wanted,
                                    std::int64_t decodes) const;

  // The class is fixed while a request decodes, since computed and count grow together.
  std::int64_t& class_of(Tokens computed, std::int64_t count) {
    return classes_[static_cast<std::size_t>(block_size_.remainder(computed.value() - count))];
  }

  Blocks total_;
  Blocks free_;
  BlockDivider block_size_;
  std::vector<std::int64_t> classes_;
  std::unique_ptr<More> more_;
};

}  // namespace tokenyard::serving
