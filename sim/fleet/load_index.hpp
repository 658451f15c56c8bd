// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/contracts.hpp"

namespace tokenyard::fleet {

// The loads of a pool's replicas, and which is the least: a tournament tree. Ties go to the lowest
// number. Reading is O(1), changing a load O(log n).
class LoadIndex {
 public:
  explicit LoadIndex(std::size_t size)
      : size_(size), leaves_(std::bit_ceil(size)), winner_(2 * leaves_), load_(leaves_, closed) {
    SIM_EXPECT(size >= 1);
    for (std::size_t i = 0; i < size; ++i) load_[i] = 0;
    for (std::size_t i = 0; i < leaves_; ++i) {
      winner_[leaves_ + i] = static_cast<std::uint32_t>(i);
    }
    for (std::size_t node = leaves_ - 1; node >= 1; --node) winner_[node] = better(node);
  }

  std::size_t size() const { return size_; }
  std::int64_t load(std::size_t i) const { return load_[i]; }
  std::size_t least() const { return leaves_ == 1 ? 0 : winner_[1]; }

  void add(std::size_t i, std::int64_t change) {
    load_[i] += change;
    SIM_ENSURE(load_[i] >= 0);
    for (std::size_t node = (leaves_ + i) / 2; node >= 1; node /= 2) {
      const std::uint32_t before = winner_[node];
      winner_[node] = better(node);
      // Nothing changes above a node that another replica wins, as before.
      if (winner_[node] == before && before != i) return;
    }
  }

 private:
  static constexpr std::int64_t closed = std::numeric_limits<std::int64_t>::max();

  std::uint32_t better(std::size_t node) const {
    const std::uint32_t left = winner_[2 * node];
    const std::uint32_t right = winner_[2 * node + 1];
    return load_[right] < load_[left] ? right : left;
  }

  std::size_t size_;
  std::size_t leaves_;
  std::vector<std::uint32_t> winner_;  // node -> the replica with the least load below it
  std::vector<std::int64_t> load_;
};

}  // namespace tokenyard::fleet
