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
  if (at == absent && hole_) {
    hole_ = false;
    sift_down(0, entry);
  } else if (at == absent) {
    resize(size_ + 1);
    sift_up(size_ - 1, entry);
  } else if (before(entry, at)) {
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
  for (std::size_t i = hole_ ? 1 : 0; i < size_; ++i) position_[slots_[i]] = absent;
  resize(0);
  hole_ = false;
}

Event Calendar::pop() {
  SIM_EXPECT(!empty());
  if (hole_) fill_hole();
  const std::uint64_t order = orders_[0];
  const Event event{dates_[0], static_cast<Phase>(order >> phase_shift),
                    static_cast<Role>(order >> role_shift & 0xff),
                    static_cast<std::uint32_t>(order)};
  position_[slots_[0]] = absent;
  dates_[0] = Instant(-std::numeric_limits<double>::infinity());
  hole_ = true;
  return event;
}

void Calendar::resize(std::size_t size) {
  constexpr std::size_t most_lacking = 4;
  size_ = size;
  dates_.resize(size + most_lacking, never.date);
  orders_.resize(size + most_lacking, never.order);
  slots_.resize(size + most_lacking, never.slot);
  for (std::size_t i = size; i < size + most_lacking; ++i) place(i, never);
}

Calendar::Entry Calendar::drop_last() {
  const Entry last = entry(size_ - 1);
  place(--size_, never);
  dates_.pop_back();
  orders_.pop_back();
  slots_.pop_back();
  return last;
}

void Calendar::fill_hole() {
  hole_ = false;
  const Entry last = drop_last();
  if (size_ > 0) sift_down(0, last);
}

void Calendar::remove(std::size_t at) {
  position_[slots_[at]] = absent;
  const Entry last = drop_last();
  if (at == size_) return;
  if (at > 0 && before(last, (at - 1) / 4)) {
    sift_up(at, last);
  } else {
    sift_down(at, last);
  }
}

void Calendar::sift_up(std::size_t at, const Entry& entry) {
  while (at > 0) {
    const std::size_t parent = (at - 1) / 4;
    if (!before(entry, parent)) break;
    settle(at, this->entry(parent));
    at = parent;
  }
  settle(at, entry);
}

void Calendar::sift_down(std::size_t at, const Entry& entry) {
  while (4 * at + 1 < size_) {
    const std::size_t least = least_child(at);
    if (before(entry, least)) break;
    settle(at, this->entry(least));
    at = least;
  }
  settle(at, entry);
}

}  // namespace tokenyard
