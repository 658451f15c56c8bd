// SPDX-License-Identifier: Apache-2.0
#include "core/calendar.hpp"

#include <algorithm>

namespace tokenyard {

Calendar::Calendar() : keys_(1, never), winners_(2) {}

Calendar::Slot Calendar::open(Role role, std::uint32_t entity) {
  SIM_EXPECT(owners_.size() < ~std::uint32_t{0} / 2);
  owners_.push_back(static_cast<std::uint64_t>(role) << role_shift | entity);
  if (owners_.size() > keys_.size()) {
    keys_.resize(keys_.size() + keys_.size() / 8 + 1, never);
    winners_.resize(2 * keys_.size());
    replay_all();
  }
  return Slot(static_cast<std::uint32_t>(owners_.size() - 1));
}

void Calendar::schedule(Slot slot, Instant date, Phase phase) {
  SIM_EXPECT(date >= Instant(0) && date < Instant::never());  // nor NaN
  const auto s = static_cast<std::uint32_t>(slot);
  keys_[s] = key_of(date, phase) | owners_[s];
  replay(s);
}

void Calendar::cancel(Slot slot) {
  const auto s = static_cast<std::uint32_t>(slot);
  if (keys_[s] == never) return;
  keys_[s] = never;
  replay(s);
}

void Calendar::cancel_all() {
  std::fill(keys_.begin(), keys_.end(), never);
  replay_all();
}

std::size_t Calendar::size() const {
  return keys_.size() - static_cast<std::size_t>(std::count(keys_.begin(), keys_.end(), never));
}

Event Calendar::pop() {
  const Event event = next();
  const std::uint32_t slot = winners_[1];
  keys_[slot] = never;
  replay(slot);
  return event;
}

bool Calendar::another_before(Instant date, Phase phase) const {
  // Whoever is second lost to the first somewhere on its way up. Few share a date, which is told by
  // half of the key.
  const Key bound = key_of(date, phase);
  const auto bound_date = static_cast<std::uint64_t>(bound >> date_shift);
  bool found = false;
  for (std::size_t node = keys_.size() + winners_[1]; node > 1; node /= 2) {
    found |= static_cast<std::uint64_t>(keys_[winners_[node ^ 1]] >> date_shift) <= bound_date;
  }
  if (!found) return false;
  found = false;
  for (std::size_t node = keys_.size() + winners_[1]; node > 1; node /= 2) {
    found |= keys_[winners_[node ^ 1]] < bound;
  }
  return found;
}

void Calendar::replay(std::uint32_t slot) {
  std::size_t node = keys_.size() + slot;
  std::uint32_t winner = slot;
  auto low = static_cast<std::uint64_t>(keys_[slot]);
  auto high = static_cast<std::uint64_t>(keys_[slot] >> date_shift);
  while (node > 1) {
    const std::uint32_t other = winners_[node ^ 1];
    const Key key = keys_[other];
    const bool loses = key < (Key{high} << date_shift | low);
    // By masks, not by a branch: who comes first is anyone's guess, and a wrong one is dear.
    const std::uint64_t mask = std::uint64_t{0} - static_cast<std::uint64_t>(loses);
    winner ^= (winner ^ other) & static_cast<std::uint32_t>(mask);
    low ^= (low ^ static_cast<std::uint64_t>(key)) & mask;
    high ^= (high ^ static_cast<std::uint64_t>(key >> date_shift)) & mask;
    node /= 2;
    // Nothing changes above a match that another wins, as before; to ask low down costs more than
    // it spares.
    if (node < keys_.size() / 64 && winners_[node] == winner && winner != slot) return;
    winners_[node] = winner;
  }
}

void Calendar::replay_all() {
  const std::size_t leaves = keys_.size();
  for (std::size_t i = 0; i < leaves; ++i) winners_[leaves + i] = static_cast<std::uint32_t>(i);
  for (std::size_t node = leaves - 1; node >= 1; --node) {
    const std::uint32_t a = winners_[2 * node];
    const std::uint32_t b = winners_[2 * node + 1];
    winners_[node] = keys_[b] < keys_[a] ? b : a;
  }
}

}  // namespace tokenyard
