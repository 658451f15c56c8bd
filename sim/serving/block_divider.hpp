// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

#include "core/contracts.hpp"

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
  std::int64_t round_up(std::int64_t x) const { return quotient(x + size_ - 1) * size_; }

 private:
  std::int64_t size_;
  int shift_;
};

}  // namespace tokenyard::serving
