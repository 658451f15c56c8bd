// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/contracts.hpp"

namespace tokenyard::fleet {

// The loads of a pool's replicas, and which is the least: a tree of minima. Ties go to the lowest
// number. Reading is O(1), changing a load O(log n).
class LoadIndex {
 public:
  explicit LoadIndex(std::size_t size)
      : size_(size), leaves_(std::bit_ceil(size)), least_(2 * leaves_, closed) {
    SIM_EXPECT(size >= 1 && size <= number_mask);
    for (std::size_t i = 0; i < size; ++i) least_[leaves_ + i] = i;
    for (std::size_t node = leaves_ - 1; node >= 1; --node) {
      least_[node] = std::min(least_[2 * node], least_[2 * node + 1]);
    }
  }

  std::size_t size() const { return size_; }
  std::int64_t load(std::size_t i) const {
    return static_cast<std::int64_t>(least_[leaves_ + i] >> number_bits);
  }
  std::size_t least() const { return least_[1] & number_mask; }

  void close(std::size_t) { --opened_; }
  void open(std::size_t) { ++opened_; }
  std::size_t opened() const { return opened_; }

  void add(std::size_t i, std::int64_t change) {
    const std::int64_t load = this->load(i) + change;
    SIM_ENSURE(load >= 0 && load < most_load);
    std::uint64_t key = static_cast<std::uint64_t>(load) << number_bits | i;
    std::size_t node = leaves_ + i;
    least_[node] = key;
    while (node > 1) {
      key = std::min(key, least_[node ^ 1]);
      node /= 2;
      // Nothing changes above a minimum that is as before; to ask low down costs more than it
      // spares.
      if (node < leaves_ / 64 && least_[node] == key) return;
      least_[node] = key;
    }
  }

 private:
  static constexpr unsigned number_bits = 32;
  static constexpr std::uint64_t number_mask = (std::uint64_t{1} << number_bits) - 1;
  static constexpr std::int64_t most_load = std::int64_t{1} << (63 - number_bits);
  static constexpr std::uint64_t closed = std::numeric_limits<std::uint64_t>::max();

  std::size_t size_;
  std::size_t opened_ = size_;
  std::size_t leaves_;
  // A load above its replica's number, so that one comparison settles ties. Node 1 is the root, the
  // children of n are 2 n and 2 n + 1, the last half are the replicas.
  std::vector<std::uint64_t> least_;
};

}  // namespace tokenyard::fleet
