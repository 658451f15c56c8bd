// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tokenyard::traffic {

// A set of numbers that only grows, in 11 to 22 bytes each.
class NumberSet final {
 public:
  NumberSet() : slots_(smallest) {}

  // Whether it was not yet there.
  bool insert(std::uint64_t number);
  std::size_t size() const { return filled_ + (has_zero_ ? 1 : 0); }

 private:
  static constexpr std::size_t smallest = 1024;  // a power of two

  bool place(std::uint64_t number);
  void grow();

  std::vector<std::uint64_t> slots_;  // open addressing; 0: free
  std::size_t filled_ = 0;
  bool has_zero_ = false;
};

// A hash of two numbers in which every bit of either moves every bit.
std::uint64_t mixed(std::uint64_t a, std::uint64_t b);

}  // namespace tokenyard::traffic
