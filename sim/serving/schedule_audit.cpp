// SPDX-License-Identifier: Apache-2.0
// Recounts what is kept incrementally.
#include "serving/schedule.hpp"

namespace tokenyard::serving {

void Schedule::audit(Then then) const {
  Blocks held = handed_over_ + landing_ + audit_running(lane_, then);
  if (special_ != nullptr) {
    for (const Aside& aside : special_->aside) held += audit_running(aside.lane, then);
    Blocks swapped;
    for (const auto* riders : {&special_->riders, &special_->ended}) {
      for (const Rider& rider : *riders) {
        held += rider.own +
                kv_.weight() * Blocks(static_cast<std::int64_t>(rider.prefix.entries.size()));
      }
    }
    for (Slot slot = waiting_.front(); slot != no_slot; slot = waiting_.after(slot)) {
      const Extra* extra = store_->find_extra(slot);
      if (extra != nullptr) swapped += extra->swapped;
    }
    SIM_ENSURE(swapped == special_->swapped);
  }
  std::int64_t landed = 0;
  const auto count_landed = [&](const RequestQueue& queue) {
    for (Slot slot = queue.front(); slot != no_slot; slot = queue.after(slot)) {
      const InFlight& r = request(slot);
      SIM_ENSURE(r.landed || r.blocks == Blocks(0));
      held += r.blocks;
      landed += r.landed ? 1 : 0;
    }
  };
  count_landed(waiting_);
  if (special_ != nullptr) count_landed(special_->unseen);
  SIM_ENSURE(landed == landed_);
  if (kv_.prefixes() != nullptr) {  // shared blocks count once
    const PrefixCache::Held shared = kv_.prefixes()->audit();
    SIM_ENSURE(kv_.prefixes()->idle() <= kv_.free());
    held -= kv_.weight() * Blocks(shared.holders - shared.blocks);
  }
  SIM_ENSURE(held == kv_.used());
}

// What the running requests hold, each for itself.
Blocks Schedule::audit_running(const Lane& lane, Then then) const {
  const bool under_way = engine_->stages > 1 ? lane.under_way : then == Then::goes_on;
  const Tokens coming(under_way && lane.batch.decoding ? 1 : 0);
  Blocks held;
  std::int64_t decoding = 0;
  std::int64_t context = 0;
  std::uint64_t admission = 0;
  int priority = 0;
  for (Slot slot = lane.running.front(); slot != no_slot; slot = lane.running.after(slot)) {
    const InFlight& r = request(slot);
    const int own = engine_->order == Order::priority ? r.request.priority : 0;
    SIM_ENSURE(own > priority || (own == priority && r.admission > admission) || admission == 0);
    admission = r.admission;
    priority = own;
    const bool counted = r.decoding && growing() && lookahead() == Tokens(0);
    const Tokens computed = r.request.prompt + emitted_by(r, lane) - Tokens(1);
    held += counted ? kv_.blocks_for(computed + coming) : r.blocks;
    if (!r.decoding) continue;
    const Tokens drafted(under_way && lane.batch.drafting ? 1 : 0);
    SIM_ENSURE(counted || r.blocks >= kv_.blocks_for(computed + coming + drafted));
    ++decoding;
    context += computed.value() + 1;
  }
  SIM_ENSURE(decoding == lane.decodes && context == lane.context);
  return held;
}

}  // namespace tokenyard::serving
