// SPDX-License-Identifier: Apache-2.0
// What comes from another replica: room for it on its way, and its place among those that wait.
#include <algorithm>

#include "serving/schedule.hpp"

namespace tokenyard::serving {

Blocks Schedule::landing_blocks(const traffic::Request& request, Tokens tokens) const {
  if (!growing()) return kv_.most_for(most_tokens(request));
  return std::max(blocks_ahead(tokens), kv_.blocks_for(tokens - Tokens(1)));
}

bool Schedule::may_land(Blocks blocks, KvMove move) const {
  if (blocks > kv_.free() || queued() != landed_) return false;
  return move != KvMove::pull || running() + landed_ + landing_requests_ < limits_.sequences;
}

void Schedule::reserve_landing(Blocks blocks) {
  kv_.take(blocks);
  landing_ += blocks;
  ++landing_requests_;
}

void Schedule::cancel_landing(Blocks blocks) {
  SIM_EXPECT(blocks <= landing_ && landing_requests_ > 0);
  landing_ -= blocks;
  --landing_requests_;
  kv_.give_back(blocks);
}

void Schedule::take_over(Slot slot, Under way, Blocks landed) {
  InFlight& r = at(slot);
  r.computed = r.tokens() - Tokens(1);
  r.last_token = r.first_token;
  r.blocks = landed;
  if (landed > Blocks(0)) {
    SIM_EXPECT(landed <= landing_ && landing_requests_ > 0);
    landing_ -= landed;
    --landing_requests_;
    r.landed = true;
    ++landed_;
  }
  enqueue(slot, way);
}

void Schedule::leave_landed(Slot slot) {
  InFlight& r = at(slot);
  landed_ -= r.landed ? 1 : 0;
  r.landed = false;
}

// The front, where none that has landed is seen yet.
Slot Schedule::first_landed() const {
  Slot slot = waiting_.front();
  while (slot != no_slot && !request(slot).landed) slot = waiting_.after(slot);
  return slot == no_slot ? waiting_.front() : slot;
}

}  // namespace tokenyard::serving
