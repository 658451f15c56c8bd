// SPDX-License-Identifier: Apache-2.0
#include "core/calendar.hpp"

#include <algorithm>

namespace tokenyard {

Calendar::Slot Calendar::open(Role role, std::uint32_t entity) {
  SIM_EXPECT(key_.size() < absent);
  key_.push_back(static_cast<std::uint64_t>(role) << role_shift | entity);
  position_.push_back(absent);
  return Slot(static_cast<std::uint32_t>(key_.size() - 1));
}

void Calendar::schedule(Slot slot, Instant date, Phase phase) {
  const auto s = static_cast<std::uint32_t>(slot);
  SIM_EXPECT(date == date);  // false for NaN only
  const Entry entry{date, static_cast<std::uint64_t>(phase) << phase_shift | key_[s], s};
  const std::uint32_t at = position_[s];
  if (at == absent) {
    heap_.push_back(entry);
    sift_up(heap_.size() - 1, entry);
  } else if (before(entry, heap_[at])) {
    sift_up(at, entry);
  } else {
    sift_down(at, entry);
  }
}

void Calendar::cancel(Slot slot) {
  const std::uint32_t at = position_[static_cast<std::uint32_t>(slot)];
  if (at != absent) remove(at);
}

void Calendar::cancel_all() {
  for (const Entry& entry : heap_) position_[entry.slot] = absent;
  heap_.clear();
}

Event Calendar::pop() {
  SIM_EXPECT(!heap_.empty());
  const Entry top = heap_.front();
  remove(0);
  return {top.date, static_cast<Phase>(top.order >> phase_shift),
          static_cast<Role>(top.order >> role_shift & 0xff), static_cast<std::uint32_t>(top.order)};
}

void Calendar::remove(std::size_t at) {
  position_[heap_[at].slot] = absent;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (at == heap_.size()) return;
  if (at > 0 && before(last, heap_[(at - 1) / 4])) {
    sift_up(at, last);
  } else {
    sift_down(at, last);
  }
}

void Calendar::sift_up(std::size_t at, Entry entry) {
  while (at > 0) {
    const std::size_t parent = (at - 1) / 4;
    if (!before(entry, heap_[parent])) break;
    place(at, heap_[parent]);
    at = parent;
  }
  place(at, entry);
}

void Calendar::sift_down(std::size_t at, Entry entry) {
  const std::size_t size = heap_.size();
  for (;;) {
    const std::size_t first = 4 * at + 1;
    if (first >= size) break;
    const std::size_t last = std::min(first + 4, size);
    std::size_t least = first;
    for (std::size_t child = first + 1; child < last; ++child) {
      if (before(heap_[child], heap_[least])) least = child;
    }
    if (!before(heap_[least], entry)) break;
    place(at, heap_[least]);
    at = least;
  }
  place(at, entry);
}

}  // namespace tokenyard
