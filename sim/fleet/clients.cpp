// SPDX-License-Identifier: Apache-2.0
#include "fleet/clients.hpp"

namespace tokenyard::fleet {

void Clients::begin(const serving::InFlight& r, serving::Slot slot, Instant now) {
  const Instant deadline = now + rules_.timeout;
  if (deadline < Instant::never()) {
    deadlines_.push_back({deadline, r.request.id, slot, r.attempt});
  }
}

bool Clients::come_again(const serving::InFlight& r, serving::Slot slot, Instant now) {
  if (r.attempt >= rules_.retry.attempts) return false;
  Duration wait = rules_.retry.wait;
  for (std::uint32_t i = 1; i < r.attempt && wait < rules_.retry.longest; ++i) wait = wait * 2.0;
  returns_.push({now + std::min(wait, rules_.retry.longest), r.request.id, slot, r.attempt});
  return true;
}

void Clients::drop_ended(const serving::RequestStore& store) {
  while (!deadlines_.empty() && !deadlines_.front().is(store[deadlines_.front().slot])) {
    deadlines_.pop_front();
  }
}

Instant Clients::next(const serving::RequestStore& store) {
  drop_ended(store);
  const Instant deadline = deadlines_.empty() ? Instant::never() : deadlines_.front().date;
  return returns_.empty() ? deadline : std::min(deadline, returns_.top().date);
}

serving::Slot Clients::give_up(const serving::RequestStore& store, Instant now) {
  drop_ended(store);
  if (deadlines_.empty() || deadlines_.front().date > now) return serving::no_slot;
  const serving::Slot slot = deadlines_.front().slot;
  deadlines_.pop_front();
  return slot;
}

serving::Slot Clients::return_at(Instant now) {
  if (returns_.empty() || returns_.top().date > now) return serving::no_slot;
  const serving::Slot slot = returns_.top().slot;
  returns_.pop();
  return slot;
}

}  // namespace tokenyard::fleet
