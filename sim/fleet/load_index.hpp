// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/contracts.hpp"

namespace tokenyard::fleet {

// The loads of a pool's replicas, and which of the open ones has the least: a tree of minima. Ties
// go to the lowest number. Reading is O(1), changing a load O(log n). All are open at first.
class LoadIndex {
 public:
  explicit LoadIndex(std::size_t size)
      : size_(size), leaves_(std::bit_ceil(size)), opened_(size), least_(2 * leaves_, no_replica) {
    SIM_EXPECT(size >= 1 && size <= number_mask);
    for (std::size_t i = 0; i < size; ++i) least_[leaves_ + i] = i;
    for (std::size_t node = leaves_ - 1; node >= 1; --node) {
      least_[node] = std::min(least_[2 * node], least_[2 * node + 1]);
    }
  }

  std::size_t size() const { return size_; }
  std::int64_t load(std::size_t i) const {
    return static_cast<std::int64_t>((least_[leaves_ + i] & ~closed) >> number_bits);
  }
  // Of the open ones, of which there must be one.
  std::size_t least() const { return least_[1] & number_mask; }
  // Of all replicas, and of the open ones.
  std::int64_t sum() const { return sum_; }
  std::int64_t sum_of_open() const { return sum_of_open_; }

  void add(std::size_t i, std::int64_t change) {
    const std::uint64_t old = least_[leaves_ + i];
    const std::int64_t load = this->load(i) + change;
    SIM_ENSURE(load >= 0 && load < most_load);
    sum_ += change;
    if ((old & closed) == 0) sum_of_open_ += change;
    set(i, (old & closed) | static_cast<std::uint64_t>(load) << number_bits | i);
  }

  std::size_t opened() const { return opened_; }
  bool is_open(std::size_t i) const { return (least_[leaves_ + i] & closed) == 0; }
  // A closed replica keeps its load, and is never the least. To close a closed one, or open an open
  // one, changes nothing.
  void close(std::size_t i) {
    if (is_open(i)) turn(i);
  }
  void open(std::size_t i) {
    if (!is_open(i)) turn(i);
  }

  // The k-th open one by number, from 0; O(log n), O(1) while all are open.
  std::size_t nth_open(std::size_t k) const {
    SIM_EXPECT(k < opened_);
    if (opened_ == size_) return k;
    std::size_t node = 1;
    while (node < leaves_) {
      node *= 2;
      if (k >= open_[node]) k -= open_[node++];
    }
    return node - leaves_;
  }
  // How many open ones have a lower number.
  std::size_t open_before(std::size_t i) const {
    if (opened_ == size_) return i;
    if (i == size_) return opened_;
    std::size_t before = 0;
    for (std::size_t node = leaves_ + i; node > 1; node /= 2) {
      if (node % 2 == 1) before += open_[node - 1];
    }
    return before;
  }

 private:
  static constexpr unsigned number_bits = 20;
  static constexpr std::uint64_t number_mask = (std::uint64_t{1} << number_bits) - 1;
  static constexpr std::int64_t most_load = std::int64_t{1} << (63 - number_bits);
  static constexpr std::uint64_t closed = std::uint64_t{1} << 63;
  static constexpr std::uint64_t no_replica = std::numeric_limits<std::uint64_t>::max();

  void set(std::size_t i, std::uint64_t key) {
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

  void turn(std::size_t i) {
    if (open_.empty()) count_open();
    const std::int64_t load = this->load(i);
    set(i, least_[leaves_ + i] ^ closed);
    const bool now = is_open(i);
    sum_of_open_ += now ? load : -load;
    now ? ++opened_ : --opened_;
    for (std::size_t node = leaves_ + i; node >= 1; node /= 2) now ? ++open_[node] : --open_[node];
  }

  void count_open() {
    open_.assign(2 * leaves_, 0);
    for (std::size_t i = 0; i < size_; ++i) open_[leaves_ + i] = 1;
    for (std::size_t node = leaves_ - 1; node >= 1; --node) {
      open_[node] = open_[2 * node] + open_[2 * node + 1];
    }
  }

  std::size_t size_;
  std::size_t leaves_;
  std::size_t opened_;
  std::int64_t sum_ = 0;
  std::int64_t sum_of_open_ = 0;
  // Whether it is closed above a load above its replica's number, so that one comparison settles
  // all. Node 1 is the root, the children of n are 2 n and 2 n + 1, the last half are the replicas.
  std::vector<std::uint64_t> least_;
  std::vector<std::uint32_t> open_;  // below each node; empty until one is closed
};

}  // namespace tokenyard::fleet
