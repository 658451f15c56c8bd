// SPDX-License-Identifier: Apache-2.0
#include "serving/schedule.hpp"

#include <algorithm>
#include <limits>

namespace tokenyard::serving {

Schedule::Schedule(const Input& input)
    : limits_(input.limits),
      reservation_(input.reservation),
      hand_over_(input.hand_over),
      store_(input.store),
      kv_(limits_.blocks, limits_.block_size),
      waiting_(*store_),
      running_(*store_),
      gaps_(input.gaps) {
  SIM_EXPECT(limits_.sequences >= 1);
  SIM_EXPECT(limits_.batch_tokens >= Tokens(limits_.sequences));
}

void Schedule::begin() {
  previous_decoding_ = batch_.decoding;
  previous_chunks_ = batch_.prefill.size();
  if (previous_chunks_ > 0) previous_chunk_ = batch_.prefill.front();
  batch_.decoding = false;
  batch_.prefill.clear();
  batch_.prefill_tokens = Tokens(0);
  batch_.pairs = 0;
  next_chunk_ = 0;
  budget_ = limits_.batch_tokens;
  preempted_ = false;
}

void Schedule::decode_running() {
  const Blocks demand = reservation_ == Reservation::growing ? kv_.demand(count_) : Blocks(0);
  if (demand <= kv_.free()) {
    kv_.take(demand);
  } else {
    decode_under_pressure();
  }
  batch_.decoding = decodes() > 0;
  budget_ -= Tokens(decodes());
}

void Schedule::decode_under_pressure() {
  for (Slot slot = running_.front(); slot != no_slot; slot = running_.after(slot)) {
    const InFlight& r = at(slot);
    SIM_ASSERT(r.decoding);  // the one in prefill is the last, and the first to be preempted
    if (!kv_.needs_block(r.request.prompt + emitted_by(r) - Tokens(1))) continue;
    while (kv_.free() == Blocks(0)) {
      const bool itself = running_.back() == slot;
      preempt_last();
      if (itself) return;
    }
    kv_.take(Blocks(1));
  }
}

void Schedule::continue_prefill() {
  if (partial_ == no_slot || budget_ == Tokens(0)) return;
  InFlight& r = at(partial_);
  const Tokens n = std::min(r.tokens() - r.computed, budget_);
  if (kv_.blocks_for(r.computed + n) - r.blocks > kv_.free()) {
    SIM_ASSERT(running_.back() == partial_);
    preempt_last();
    return;
  }
  add_chunk(partial_, n);
}

bool Schedule::admit(Tokens most) {
  SIM_EXPECT(!waiting_.empty() && most > Tokens(0));
  const Slot slot = waiting_.front();
  InFlight& r = at(slot);
  const Tokens left = r.tokens() - r.computed;
  const Tokens n = std::min(left, most);
  Blocks needed = kv_.blocks_for(r.computed + (limits_.reserve_full_prompt ? left : n));
  if (reservation_ == Reservation::full) {
    needed = kv_.blocks_for(r.request.prompt + r.request.output - Tokens(1));
  }
  if (running() >= limits_.sequences || needed - r.blocks > kv_.free()) return false;
  waiting_.remove(slot);
  running_.push_back(slot);
  r.admission = ++admissions_;
  if (r.emitted > Tokens(0) && left == Tokens(1)) {  // handed over: only the token to come is new
    kv_.take(kv_.blocks_for(r.tokens()));
    join_decodes(slot, r.first_token);
    batch_.decoding = true;
    budget_ -= Tokens(1);
    return true;
  }
  if (reservation_ == Reservation::full) {
    kv_.take(needed);
    r.blocks = needed;
  }
  add_chunk(slot, n);
  return true;
}

void Schedule::end() {
  const std::vector<Batch::Chunk>& chunks = batch_.prefill;
  const bool same_chunks =
      chunks.size() == previous_chunks_ &&
      (chunks.empty() || (chunks.size() == 1 && chunks.front() == previous_chunk_));
  changed_ = members_changed_ || !same_chunks || batch_.decoding != previous_decoding_;
  members_changed_ = false;
}

std::int64_t Schedule::stable() const {
  SIM_EXPECT(!batch_.empty());
  // A pass that preempted admits nothing, so the next one may.
  if (preempted_ || batch_.prefill.size() > 1) return 1;
  std::int64_t k = std::numeric_limits<std::int64_t>::max();
  if (batch_.decoding) k = finishes_.next() - count_;
  if (batch_.prefill.empty()) {
    if (reservation_ == Reservation::full) return k;
    return 1 + kv_.covered(count_ + 1, k - 1, decodes());
  }
  const Batch::Chunk& chunk = batch_.prefill.front();
  const InFlight& r = request(chunk.slot);
  const Tokens left = r.tokens() - r.computed;
  if (left < 2 * chunk.tokens) return 1;
  k = std::min(k, left.value() / chunk.tokens.value());
  if (reservation_ == Reservation::full) return k;
  const Blocks for_chunks = kv_.blocks_for(r.computed + chunk.tokens * k) - r.blocks;
  const Blocks for_decodes = kv_.blocks_for(Tokens(k)) * (batch_.decoding ? decodes() : 0);
  return for_chunks + for_decodes <= kv_.free() ? k : 1;
}

double Schedule::pairs_growth() const {
  if (batch_.prefill.size() != 1) return 0;
  const auto n = static_cast<double>(batch_.prefill.front().tokens.value());
  return n * n;
}

void Schedule::advance(std::int64_t iterations, Then then) {
  SIM_EXPECT(iterations >= 1 && (iterations == 1 || batch_.prefill.size() <= 1));
  const bool growing = reservation_ == Reservation::growing;
  const std::int64_t more = iterations - (then == Then::ends ? 1 : 0);  // to take blocks for
  if (batch_.decoding) {
    SIM_ASSERT(finishes_.next() - count_ >= iterations);
    if (growing) kv_.take(kv_.demand(count_ + 1, more, decodes()));
    count_ += iterations;
    context_ += decodes() * iterations;
    emitted_ += Tokens(decodes() * iterations);
  }
  for (const Batch::Chunk& chunk : batch_.prefill) {
    InFlight& r = at(chunk.slot);
    if (growing) {
      const Blocks needed = kv_.blocks_for(r.computed + chunk.tokens * (more + 1)) - r.blocks;
      kv_.take(needed);
      r.blocks += needed;
    }
    r.computed += chunk.tokens * iterations;
    prefilled_ += chunk.tokens * iterations;
  }
}

IterationRecord Schedule::iteration(std::int64_t k) const {
  const std::int64_t decodes = batch_.decoding ? this->decodes() : 0;
  IterationRecord record;
  record.prefill = batch_.prefill_tokens;
  record.decodes = decodes;
  record.context = batch_.decoding ? context_ + decodes * k : 0;
  record.kv_used = kv_.used();
  if (reservation_ == Reservation::full || k == 0) return record;
  if (decodes > 0) record.kv_used += kv_.demand(count_ + 1, k, decodes);
  for (const Batch::Chunk& chunk : batch_.prefill) {
    const InFlight& r = request(chunk.slot);
    record.kv_used += kv_.blocks_for(r.computed + chunk.tokens * (k + 1)) - r.blocks;
  }
  return record;
}

Slot Schedule::next_leaving(Instant now) {
  if (batch_.decoding && !finishes_.empty() && finishes_.next() == count_) {
    const Slot slot = finishes_.pop();
    leave_decodes(slot);
    return leave(slot);
  }
  while (next_chunk_ < batch_.prefill.size()) {
    const Slot slot = batch_.prefill[next_chunk_++].slot;
    InFlight& r = at(slot);
    if (r.computed != r.tokens()) continue;
    if (slot == partial_) partial_ = no_slot;
    if (hand_over_ && hand_over_->first_token == FirstToken::decode) return hand_over(slot);
    if (r.emitted == Tokens(0)) {
      r.first_token = now;
    } else {
      gaps_.resume(r.last_token, now);
    }
    r.emitted += Tokens(1);
    emitted_ += Tokens(1);
    if (r.emitted == r.request.output) return leave(slot);
    if (hand_over_) return hand_over(slot);
    join_decodes(slot, now);
  }
  return no_slot;
}

Tokens Schedule::emitted_by(const InFlight& request) const {
  if (!request.decoding) return request.emitted;
  return request.request.output - Tokens(request.finish_at - count_);
}

void Schedule::add_chunk(Slot slot, Tokens tokens) {
  InFlight& r = at(slot);
  if (reservation_ == Reservation::growing) {
    const Blocks needed = kv_.blocks_for(r.computed + tokens) - r.blocks;
    kv_.take(needed);
    r.blocks += needed;
  }
  partial_ = slot;  // until it is read, which the end of this iteration may find
  const auto n = static_cast<double>(tokens.value());
  batch_.pairs += n * static_cast<double>(r.computed.value()) + n * (n + 1) / 2;
  batch_.prefill.push_back({slot, tokens});
  batch_.prefill_tokens += tokens;
  budget_ -= tokens;
}

void Schedule::join_decodes(Slot slot, Instant last_token) {
  InFlight& r = at(slot);
  r.last_token = last_token;
  gaps_.join(last_token);
  r.decoding = true;
  r.finish_at = count_ + (r.request.output - r.emitted).value();
  const Tokens computed = r.tokens() - Tokens(1);
  kv_.join(computed, count_);
  context_ += computed.value() + 1;
  finishes_.push(slot, r);
  members_changed_ = true;
}

void Schedule::leave_decodes(Slot slot) {
  InFlight& r = at(slot);
  r.emitted = emitted_by(r);
  r.computed = r.tokens() - Tokens(1);
  r.decoding = false;
  kv_.leave(r.computed, count_);
  if (reservation_ == Reservation::growing) r.blocks = kv_.blocks_for(r.computed);
  context_ -= r.computed.value() + 1;
  members_changed_ = true;
}

Slot Schedule::leave(Slot slot) {
  InFlight& r = at(slot);
  kv_.give_back(r.blocks);
  r.blocks = Blocks(0);
  running_.remove(slot);
  return slot;
}

Slot Schedule::hand_over(Slot slot) {
  if (!hand_over_->hold_kv) return leave(slot);
  handed_over_ += at(slot).blocks;
  running_.remove(slot);
  return slot;
}

void Schedule::release(Slot slot) {
  InFlight& r = at(slot);
  SIM_EXPECT(r.blocks <= handed_over_);
  handed_over_ -= r.blocks;
  kv_.give_back(r.blocks);
  r.blocks = Blocks(0);
}

// Takes a request out of the running ones, whatever it has come to.
void Schedule::interrupt(Slot slot) {
  InFlight& r = at(slot);
  if (r.decoding) {
    finishes_.remove(slot);
    leave_decodes(slot);
    r.last_token = gaps_.latest(r.last_token);
    gaps_.leave(r.last_token);
  }
  if (slot == partial_) partial_ = no_slot;
  kv_.give_back(r.blocks);
  r.blocks = Blocks(0);
  r.computed = Tokens(0);
  running_.remove(slot);
  members_changed_ = true;
}

void Schedule::preempt_last() {
  SIM_EXPECT(reservation_ == Reservation::growing);
  const Slot slot = running_.back();
  interrupt(slot);
  partial_ = no_slot;  // the one in prefill is the last
  ++at(slot).preemptions;
  waiting_.push_front(slot);
  preempted_ = true;
}

void Schedule::cancel(Slot slot) {
  if (at(slot).decoding || at(slot).blocks > Blocks(0)) {
    interrupt(slot);
  } else {  // what waits holds nothing
    waiting_.remove(slot);
  }
}

void Schedule::audit(Then then) const {
  const Tokens coming(then == Then::goes_on && batch_.decoding ? 1 : 0);
  Blocks held = handed_over_;
  std::int64_t decoding = 0;
  std::int64_t context = 0;
  std::uint64_t admission = 0;
  for (Slot slot = running_.front(); slot != no_slot; slot = running_.after(slot)) {
    const InFlight& r = request(slot);
    SIM_ENSURE(r.admission > admission);
    admission = r.admission;
    if (!r.decoding || reservation_ == Reservation::full) held += r.blocks;
    if (!r.decoding) {
      SIM_ENSURE(slot == running_.back() || !batch_.prefill.empty());
      continue;
    }
    const Tokens computed = r.request.prompt + emitted_by(r) - Tokens(1);
    ++decoding;
    context += computed.value() + 1;
    if (reservation_ == Reservation::growing) {
      held += kv_.blocks_for(computed + coming);
    }
  }
  SIM_ENSURE(held == kv_.used());
  SIM_ENSURE(decoding == decodes() && context == context_);
  for (Slot slot = waiting_.front(); slot != no_slot; slot = waiting_.after(slot)) {
    SIM_ENSURE(request(slot).blocks == Blocks(0));
  }
}

}  // namespace tokenyard::serving
