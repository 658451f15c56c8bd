// SPDX-License-Identifier: Apache-2.0
#include "traffic/number_set.hpp"

#include <utility>

namespace tokenyard::traffic {

std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  // SplitMix64's output function, once for each.
  std::uint64_t z = a;
  for (const std::uint64_t next : {b, std::uint64_t{0}}) {
    z += 0x9e3779b97f4a7c15ULL;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    z = (z ^ z >> 31) ^ next;
  }
  return z;
}

bool NumberSet::insert(std::uint64_t number) {
  if (number == 0) return !std::exchange(has_zero_, true);
  if (4 * (filled_ + 1) > 3 * slots_.size()) grow();
  if (!place(number)) return false;
  ++filled_;
  return true;
}

bool NumberSet::place(std::uint64_t number) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = mixed(number, 0) & mask;; i = (i + 1) & mask) {
    if (slots_[i] == number) return false;
    if (slots_[i] != 0) continue;
    slots_[i] = number;
    return true;
  }
}

void NumberSet::grow() {
  const std::vector<std::uint64_t> before =
      std::exchange(slots_, std::vector<std::uint64_t>(2 * slots_.size()));
  for (const std::uint64_t number : before) {
    if (number != 0) place(number);
  }
}

}  // namespace tokenyard::traffic
