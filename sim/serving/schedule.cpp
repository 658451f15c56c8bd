// SPDX-License-Identifier: Apache-2.0
#include "serving/schedule.hpp"

#include <algorithm>
#include <limits>

namespace tokenyard::serving {
namespace {

RequestQueue::Sorted sorting(const Engine& engine) {
  return engine.order == Order::priority ? RequestQueue::Sorted::by_priority
                                         : RequestQueue::Sorted::no;
}

Blocks room_for_swap(const Engine& engine) {
  if (!engine.swap) return Blocks(0);
  return Blocks(engine.swap->capacity.value() / engine.swap->block.value());
}

}  // namespace

Schedule::Schedule(const Input& input)
    : limits_(input.limits),
      engine_(input.engine),
      reservation_(input.limits.reserve == Reserve::full ? Reservation::full : input.reservation),
      hand_over_(input.hand_over),
      store_(input.store),
      kv_({limits_.blocks, limits_.block_size, engine_->kv, engine_->prefix_cache}),
      waiting_(*store_, sorting(*engine_)),
      lane_(waiting_, TokenGaps(input.gaps)) {
  SIM_EXPECT(limits_.sequences >= 1);
  if (!engine_->plain()) {
    special_ = std::make_unique<Special>(*store_);
    special_->most_swapped = room_for_swap(*engine_);
    if (engine_->prefix_cache) put_tiers();
    if (engine_->stages > 1) {
      special_->aside.assign(static_cast<std::size_t>(engine_->stages),
                             {lane_, kv_.nobody_decoding()});
    }
    if (engine_->speculation) {
      special_->speculation = &*engine_->speculation;
      special_->lookahead = engine_->speculation->length();
    }
  }
  SIM_EXPECT(limits_.batch_tokens >= (Tokens(1) + lookahead()) * limits_.sequences);
}

// Below the prefix cache, the last first.
void Schedule::put_tiers() {
  std::unique_ptr<PrefixCache> below;
  Blocks capacity;
  for (auto tier = engine_->offload.rbegin(); tier != engine_->offload.rend(); ++tier) {
    auto cache = std::make_unique<PrefixCache>(Blocks(1));
    if (below != nullptr) cache->put_below(std::move(below), capacity);
    below = std::move(cache);
    capacity = tier->capacity;
  }
  if (below != nullptr) kv_.prefixes()->put_below(std::move(below), capacity);
}

// The most tokens in the cache that room is kept for: the last token of an answer never needs any.
Tokens Schedule::most_tokens(const traffic::Request& request) const {
  if (hand_over_) return request.prompt;
  const bool asked = limits_.reserve == Reserve::full;
  const Tokens answer = asked ? std::max(request.output, request.max_tokens) : request.output;
  return request.prompt + answer - Tokens(1) + lookahead();
}

bool Schedule::fits(const traffic::Request& request) const {
  return kv_.most_for(most_tokens(request)) <= limits_.blocks;
}

void Schedule::enqueue(Slot slot, Under way) {
  const bool unseen =
      special_ != nullptr && engine_->scheduling == Scheduling::async && way == Under::iteration;
  (unseen ? special_->unseen : waiting_).push_back(slot);
}

void Schedule::begin() {
  lane_.previous_decoding = lane_.batch.decoding;
  lane_.previous_chunks = lane_.batch.prefill.size();
  if (lane_.previous_chunks > 0) lane_.previous_chunk = lane_.batch.prefill.front();
  lane_.batch.decoding = false;
  lane_.batch.prefill.clear();
  lane_.batch.prefill_tokens = Tokens(0);
  lane_.batch.padded_tokens = Tokens(0);
  lane_.batch.pairs = 0;
  lane_.next_chunk = 0;
  lane_.budget = limits_.batch_tokens;
  lane_.preempted = false;
  lane_.decodes_taken = false;
  if (special_ == nullptr) return;
  lane_.waits = false;
  lane_.batch.drafting = false;
  lane_.batch.copying = Duration(0);
  if (special_->riders.empty()) special_->riders.swap(special_->ended);
  lane_.batch.riders = static_cast<std::int64_t>(special_->riders.size());
  lane_.batch.rider_context = 0;
  for (const Rider& rider : special_->riders) lane_.batch.rider_context += rider.context;
  lane_.budget -= std::min(lane_.budget, Tokens(lane_.batch.riders));
}

void Schedule::decode_running() {
  lane_.decodes_taken = true;
  if (special_ != nullptr && special_->lookahead > 0) return decode_drafting();
  const Blocks demand = growing() ? kv_.demand(lane_.count) : Blocks(0);
  if (demand <= kv_.free()) {
    kv_.take(demand);
  } else {
    if (!decode_under_pressure()) return;
  }
  lane_.batch.decoding = lane_.decodes > 0;
  lane_.budget -= std::min(lane_.budget, Tokens(lane_.decodes));  // riders may have taken some
}

// False if the first of all waits for its block, and so do those behind it.
bool Schedule::decode_under_pressure() {
  for (Slot slot = lane_.running.front(); slot != no_slot; slot = lane_.running.after(slot)) {
    const InFlight& r = at(slot);
    if (!r.decoding)
      continue;  // in prefill: behind the others, and among the first to be preempted
    const Blocks needed = kv_.growth(r.request.prompt + emitted_by(r, lane_) - Tokens(1));
    while (needed > kv_.free()) {
      const Slot last = lane_.running.back();
      if (last == slot && may_wait(slot)) return false;
      preempt(last);
      if (last == slot) return true;
    }
    kv_.take(needed);
  }
  return true;
}

void Schedule::continue_prefill() {
  for (std::size_t i = 0; i < lane_.partials.size() && lane_.budget > Tokens(0);) {
    const Slot slot = lane_.partials[i];
    if (!continue_chunk(slot)) return;
    ++i;
  }
}

// False if it was preempted, or waits.
bool Schedule::continue_chunk(Slot slot) {
  InFlight& r = at(slot);
  const Tokens n = chunk(r.tokens() - r.computed, lane_.budget);
  while (growing() && kv_.blocks_for(r.computed + n) - r.blocks > kv_.free()) {
    const Slot last = lane_.partials.back();
    if (last == slot && may_wait(slot)) return false;
    preempt(last);
    if (last == slot) return false;
  }
  add_chunk(slot, n);
  return true;
}

Tokens Schedule::head_left() {
  const Slot slot = waiting_.front();
  const InFlight& r = request(slot);
  return r.tokens() - (special_ == nullptr ? r.computed : look_up(slot).computed);
}

// Of a prompt with `left` tokens to read, in an iteration that can take `most`.
Tokens Schedule::chunk(Tokens left, Tokens most) const {
  const Tokens n = std::min(left, most);
  return engine_->long_prompt == Tokens(0) ? n : std::min(n, engine_->long_prompt);
}

bool Schedule::admit(Tokens most) {
  SIM_EXPECT(!waiting_.empty() && most > Tokens(0));
  if (running() + lane_.batch.riders >= limits_.sequences) return false;
  if (special_ != nullptr && lane_closed()) return false;
  const Slot slot = head();
  InFlight& r = at(slot);
  const Admission admission = special_ == nullptr ? Admission{r.computed} : look_up(slot);
  const Tokens left = r.tokens() - admission.computed;
  const bool decodes_at_once = r.emitted > Tokens(0) && left == Tokens(1) && r.computed > Tokens(0);
  const Tokens n = chunk(left, most);
  Blocks needed = kv_.blocks_for(admission.computed + n);
  if (limits_.reserve == Reserve::prompt) {
    needed = std::max(needed, kv_.blocks_for(admission.computed + left));
  }
  if (decodes_at_once) {  // beginning with the KV it comes with
    needed = std::max(blocks_ahead(slot), kv_.blocks_for(r.computed));
  }
  if (!growing()) needed = kv_.most_for(most_tokens(r.request));
  if (needed - r.blocks - admission.saves > kv_.free()) return false;
  leave_waiting(slot);
  lane_.running.push_back(slot);
  r.admission = ++admissions_;
  if (special_ != nullptr) bring_in(slot, admission);
  if (decodes_at_once) {
    join_decodes(slot, r.last_token);
    if (!lane_.decodes_taken) {  // decodes with the others, if they are to
      take_to(slot, growing() ? kv_.blocks_for(r.computed) : needed);
      return true;
    }
    take_to(slot, growing() ? blocks_ahead(slot) : needed);
    (lookahead() > Tokens(0) ? lane_.batch.drafting : lane_.batch.decoding) = true;
    lane_.budget -= std::min(lane_.budget, Tokens(1) + lookahead());
    return true;
  }
  if (!growing()) take_to(slot, needed);
  add_chunk(slot, n);
  return true;
}

// Takes, or gives back, until the request has so many.
void Schedule::take_to(Slot slot, Blocks blocks) {
  InFlight& r = at(slot);
  kv_.take(blocks - r.blocks);
  r.blocks = blocks;
}

void Schedule::end() {
  const std::vector<Batch::Chunk>& chunks = lane_.batch.prefill;
  const bool same_chunks =
      chunks.size() == lane_.previous_chunks &&
      (chunks.empty() || (chunks.size() == 1 && chunks.front() == lane_.previous_chunk));
  lane_.changed =
      lane_.members_changed || !same_chunks || lane_.batch.decoding != lane_.previous_decoding;
  lane_.members_changed = false;
  if (special_ == nullptr) return;
  lane_.under_way = !lane_.batch.empty();
  // What is copied, rides along or is drafted for concerns a single iteration.
  if (lane_.batch.copying > Duration(0) || lane_.batch.riders > 0 || lane_.batch.drafting) {
    lane_.changed = lane_.members_changed = true;
  }
}

std::int64_t Schedule::stable() const {
  SIM_EXPECT(!lane_.batch.empty());
  // A pass that preempted admits nothing, so the next one may.
  if (lane_.preempted || lane_.batch.prefill.size() > 1) return 1;
  std::int64_t k = std::numeric_limits<std::int64_t>::max();
  if (lane_.batch.decoding) k = lane_.finishes.next() - lane_.count;
  if (special_ != nullptr) k = std::min(k, stable_specially());
  if (k == 1) return 1;
  if (lane_.batch.prefill.empty()) {
    if (!growing()) return k;
    return 1 + kv_.covered(lane_.count + 1, k - 1, decodes());
  }
  const Batch::Chunk& chunk = lane_.batch.prefill.front();
  const InFlight& r = request(chunk.slot);
  const Tokens left = r.tokens() - r.computed;
  if (left < 2 * chunk.tokens) return 1;
  if (hand_over_ && hand_over_->layerwise()) return 1;  // what is read is sent, one by one
  k = std::min(k, left.value() / chunk.tokens.value());
  if (!growing()) return k;
  const Blocks for_chunks = kv_.blocks_for(r.computed + chunk.tokens * k) - r.blocks;
  const Blocks for_decodes = kv_.blocks_for(Tokens(k)) * (lane_.batch.decoding ? decodes() : 0);
  return for_chunks + for_decodes <= kv_.free() ? k : 1;
}

double Schedule::pairs_growth() const {
  if (lane_.batch.prefill.size() != 1) return 0;
  const Tokens n = lane_.batch.prefill.front().tokens;
  const Tokens padded = special_ == nullptr ? n : padded_chunk(n);
  return static_cast<double>(padded.value()) * static_cast<double>(n.value());
}

void Schedule::advance(std::int64_t iterations, Then then) {
  SIM_EXPECT(iterations >= 1 && (iterations == 1 || lane_.batch.prefill.size() <= 1));
  const std::int64_t more = iterations - (then == Then::ends ? 1 : 0);  // to take blocks for
  if (lane_.batch.decoding) {
    SIM_ASSERT(lane_.finishes.next() - lane_.count >= iterations);
    if (more > 0 && growing()) kv_.take(kv_.demand(lane_.count + 1, more, decodes()));
    lane_.count += iterations;
    lane_.context += decodes() * iterations;
    emitted_ += Tokens(decodes() * iterations);
  }
  for (const Batch::Chunk& chunk : lane_.batch.prefill) {
    InFlight& r = at(chunk.slot);
    if (more > 0 && growing()) {
      take_to(chunk.slot, kv_.blocks_for(r.computed + chunk.tokens * (more + 1)));
    }
    r.computed += chunk.tokens * iterations;
    prefilled_ += chunk.tokens * iterations;
  }
  if (special_ == nullptr || then == Then::goes_on) return;
  lane_.under_way = false;
  kv_.settle(lane_.count);
  release_riders();
}

IterationRecord Schedule::iteration(std::int64_t k) const {
  const std::int64_t decodes = lane_.batch.decoding || lane_.batch.drafting ? lane_.decodes : 0;
  IterationRecord record;
  record.prefill = lane_.batch.prefill_tokens;
  record.decodes = decodes + lane_.batch.riders;
  record.context = (decodes > 0 ? lane_.context + decodes * k : 0) + lane_.batch.rider_context;
  record.kv_used = kv_.used();
  if (!growing() || k == 0) return record;
  if (decodes > 0) record.kv_used += kv_.demand(lane_.count + 1, k, decodes);
  for (const Batch::Chunk& chunk : lane_.batch.prefill) {
    const InFlight& r = request(chunk.slot);
    record.kv_used += kv_.blocks_for(r.computed + chunk.tokens * (k + 1)) - r.blocks;
  }
  return record;
}

Slot Schedule::next_leaving(Instant now) {
  if (lane_.batch.decoding && !lane_.finishes.empty() && lane_.finishes.next() == lane_.count) {
    const Slot slot = lane_.finishes.pop();
    leave_decodes(slot);
    return leave(slot);
  }
  if (lane_.batch.drafting) {
    const Slot slot = next_drafted();
    if (slot != no_slot) return slot;
  }
  while (lane_.next_chunk < lane_.batch.prefill.size()) {
    const Slot slot = lane_.batch.prefill[lane_.next_chunk++].slot;
    InFlight& r = at(slot);
    if (r.computed != r.tokens()) continue;
    if (!lane_.partials.empty()) std::erase(lane_.partials, slot);
    if (hand_over_ && hand_over_->first_token == FirstToken::decode) return hand_over(slot);
    if (r.emitted == Tokens(0)) {
      r.first_token = now;
    } else {
      lane_.gaps.resume(r.last_token, now);
    }
    r.emitted += Tokens(1);
    emitted_ += Tokens(1);
    if (r.emitted == r.request.output) return leave(slot);
    if (hand_over_) return hand_over(slot);
    join_decodes(slot, now);
  }
  return no_slot;
}

Tokens Schedule::emitted_by(const InFlight& request, const Lane& lane) const {
  if (!request.decoding || lookahead() > Tokens(0)) return request.emitted;
  return request.request.output - Tokens(request.finish_at - lane.count);
}

void Schedule::add_chunk(Slot slot, Tokens tokens) {
  InFlight& r = at(slot);
  if (growing()) take_to(slot, kv_.blocks_for(r.computed + tokens));
  if (special_ != nullptr) publish(slot, r.computed + tokens);
  if (r.computed + tokens < r.tokens()) add_partial(slot);
  const Tokens padded = special_ == nullptr ? tokens : padded_chunk(tokens);
  const auto n = static_cast<double>(padded.value());
  lane_.batch.pairs += n * static_cast<double>(r.computed.value()) + n * (n + 1) / 2;
  lane_.batch.prefill.push_back({slot, tokens});
  lane_.batch.prefill_tokens += tokens;
  lane_.batch.padded_tokens += padded;
  lane_.budget -= tokens;
}

void Schedule::join_decodes(Slot slot, Instant last_token) {
  InFlight& r = at(slot);
  r.last_token = last_token;
  r.decoding = true;
  lane_.members_changed = true;
  ++lane_.decodes;
  const Tokens computed = r.tokens() - Tokens(1);
  lane_.context += computed.value() + 1;
  if (special_ != nullptr) {
    if (special_->lookahead > 0) return lane_.drafting.push_back(slot);
    if (engine_->shapes) ++lane_.contexts[computed.value() - lane_.count];
  }
  lane_.gaps.join(last_token);
  r.finish_at = lane_.count + (r.request.output - r.emitted).value();
  kv_.join(computed, lane_.count);
  lane_.finishes.push(slot, r);
}

void Schedule::leave_decodes(Slot slot) {
  InFlight& r = at(slot);
  r.emitted = emitted_by(r, lane_);
  r.computed = r.tokens() - Tokens(1);
  r.decoding = false;
  lane_.context -= r.computed.value() + 1;
  lane_.members_changed = true;
  --lane_.decodes;
  if (special_ != nullptr) {
    if (special_->lookahead > 0) {
      std::erase(lane_.drafting, slot);
      return;
    }
    if (engine_->shapes) {
      const auto at = lane_.contexts.find(r.computed.value() - lane_.count);
      if (--at->second == 0) lane_.contexts.erase(at);
    }
  }
  kv_.leave(r.computed, lane_.count);
  if (growing()) r.blocks = kv_.blocks_for(r.computed);
}

Slot Schedule::leave(Slot slot) {
  if (special_ != nullptr && rides_on(at(slot))) {
    ride_on(slot);
  } else {
    give_up_blocks(slot);
  }
  lane_.running.remove(slot);
  return slot;
}

void Schedule::give_up_blocks(Slot slot) {
  InFlight& r = at(slot);
  PrefixCache* cache = special_ == nullptr ? nullptr : kv_.prefixes();
  if (cache != nullptr) {
    publish(slot, r.computed);
    PrefixHold& hold = prefix(slot);
    kv_.give_back(cache->release(hold, r.blocks - cache->held_by(hold)));
  } else {
    kv_.give_back(r.blocks);
  }
  r.blocks = Blocks(0);
}

Slot Schedule::hand_over(Slot slot) {
  if (!hand_over_->hold_kv) {
    give_up_blocks(slot);
  } else {
    handed_over_ += at(slot).blocks;
  }
  lane_.running.remove(slot);
  return slot;
}

void Schedule::release(Slot slot) {
  SIM_EXPECT(at(slot).blocks <= handed_over_);
  handed_over_ -= at(slot).blocks;
  give_up_blocks(slot);
}

// Takes a request out of the running ones, whatever it has come to.
void Schedule::interrupt(Slot slot) {
  InFlight& r = at(slot);
  if (r.decoding) {
    const bool drafting = lookahead() > Tokens(0);
    const bool wrote = emitted_by(r, lane_) > r.emitted;  // since it joined
    if (!drafting) lane_.finishes.remove(slot);
    leave_decodes(slot);
    if (!drafting) {
      if (wrote) r.last_token = lane_.gaps.boundary();
      lane_.gaps.leave(r.last_token);
    }
  }
  std::erase(lane_.partials, slot);
  give_up_blocks(slot);
  lane_.running.remove(slot);
  lane_.members_changed = true;
}

void Schedule::preempt(Slot slot) {
  SIM_EXPECT(growing());
  const Blocks held =
      at(slot).decoding && lookahead() == Tokens(0)
          ? kv_.blocks_for(at(slot).request.prompt + emitted_by(at(slot), lane_) - Tokens(1))
          : at(slot).blocks;
  interrupt(slot);
  InFlight& r = at(slot);
  if (engine_->swap && special_->swapped + held <= special_->most_swapped) {
    store_->extra(slot).swapped = held;
    special_->swapped += held;
    lane_.batch.copying += copying(held);
  } else {
    r.computed = Tokens(0);
  }
  ++r.preemptions;
  waiting_.push_front(slot);
  lane_.preempted = true;
}

void Schedule::cancel(Slot slot) {
  InFlight& r = at(slot);
  if (runs(r)) {
    if (special_ != nullptr) turn_to(r.lane);
    interrupt(slot);
  } else {  // what waits holds what it landed in and room in the host's memory, if anything
    if (r.landed) {
      kv_.give_back(r.blocks);
      r.blocks = Blocks(0);
    }
    if (is_unseen(slot)) {
      leave_landed(slot);
      special_->unseen.remove(slot);
    } else {
      leave_waiting(slot);
    }
    if (special_ != nullptr && special_->most_swapped > Blocks(0)) {
      special_->swapped -= store_->extra(slot).swapped;
      store_->extra(slot).swapped = Blocks(0);
    }
  }
  r.computed = Tokens(0);
}

}  // namespace tokenyard::serving
