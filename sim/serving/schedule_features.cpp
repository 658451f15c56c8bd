// SPDX-License-Identifier: Apache-2.0
// What engines do beside the batcher's rules: prefix cache, drafts, riders, swap, static shapes.
#include <algorithm>
#include <limits>
#include <utility>

#include "serving/schedule.hpp"

namespace tokenyard::serving {

void Schedule::turn_to(std::uint8_t lane) {
  if (lane == special_->acting) return;
  const auto exchange = [this](Aside& aside) {
    std::swap(lane_, aside.lane);
    kv_.exchange(aside.decoders);
  };
  exchange(special_->aside[special_->acting]);
  exchange(special_->aside[lane]);
  special_->acting = lane;
}

std::size_t Schedule::running_aside() const {
  std::size_t requests = 0;
  for (const Aside& aside : special_->aside) requests += aside.lane.running.size();
  return requests;
}

// Nothing is admitted while the first of all waits, nor beyond a lane's part of the sequences.
bool Schedule::lane_closed() const {
  if (engine_->stages == 1) return false;
  const auto waits = [](const Aside& aside) { return aside.lane.waits; };
  const auto& aside = special_->aside;
  if (lane_.waits || std::any_of(aside.begin(), aside.end(), waits)) return true;
  const auto lanes = aside.size();
  return lane_.running.size() >= (static_cast<std::size_t>(limits_.sequences) + lanes - 1) / lanes;
}

// A request that lacks blocks, and has nobody behind it to preempt. In a pipeline the first of all
// keeps what it has until others let go: were all preempted in turn, none would come to its end.
bool Schedule::may_wait(Slot slot) {
  if (engine_->stages == 1 || slot != lane_.running.front()) return false;
  // Nobody would let go of what has landed, or is on its way, while this one waits.
  if (running() == 1 && (landed_ > 0 || landing_ > Blocks(0))) return false;
  const auto place = [this](Slot of) {
    const InFlight& r = request(of);
    return std::pair(engine_->order == Order::priority ? r.request.priority : 0, r.admission);
  };
  for (const Aside& aside : special_->aside) {
    const Slot first = aside.lane.running.front();
    if (first != no_slot && place(first) < place(slot)) return false;
  }
  lane_.waits = true;
  return true;
}

bool Schedule::see_arrivals() {
  if (special_ == nullptr) return false;
  lane_.more_unseen = !special_->unseen.empty();
  while (!special_->unseen.empty()) {
    const Slot slot = special_->unseen.front();
    special_->unseen.remove(slot);
    waiting_.push_back(slot);
  }
  return lane_.more_unseen;
}

Blocks Schedule::blocks_ahead(Slot slot) const { return blocks_ahead(request(slot).tokens()); }

// A window that restarts where a draft may not come to holds the most before that.
Blocks Schedule::blocks_ahead(Tokens tokens) const {
  const Tokens last = tokens + lookahead();
  Blocks most = kv_.blocks_for(last);
  if (kv_.monotonic()) return most;
  for (; tokens < last; tokens += Tokens(1)) most = std::max(most, kv_.blocks_for(tokens));
  return most;
}

void Schedule::decode_drafting() {
  std::vector<Slot>& drafting = lane_.drafting;
  lane_.next_drafting = 0;
  for (std::size_t i = 0; i < drafting.size(); ++i) {
    const Slot slot = drafting[i];
    const Blocks needed = blocks_ahead(slot);
    while (growing() && needed - at(slot).blocks > kv_.free()) {
      const Slot last = lane_.running.back();
      if (last == slot && may_wait(slot)) return;
      const auto victim = std::find(drafting.begin(), drafting.end(), last);
      // The list closes up; whoever stood before this one has had its turn.
      if (victim != drafting.end() && victim - drafting.begin() <= static_cast<std::ptrdiff_t>(i))
        --i;
      preempt(last);
      if (last == slot) break;
    }
    if (at(slot).blocks == Blocks(0)) continue;  // preempted
    if (growing()) take_to(slot, needed);
  }
  lane_.batch.drafting = !drafting.empty();
  lane_.budget -= std::min(lane_.budget, (Tokens(1) + lookahead()) * decodes());
}

// Of all full blocks before the last token, which is always read: its result is what comes next.
std::span<const std::uint64_t> Schedule::prefix_names(Slot slot) {
  const InFlight& r = at(slot);
  Extra& extra = store_->extra(slot);
  std::vector<std::uint64_t>& chain = extra.prefix.chain;
  if (chain.empty()) {
    name_blocks(limits_.block_size, r.request.prompt, r.request.prompt + r.request.output,
                extra.pieces, chain);
  }
  const auto most = static_cast<std::size_t>((r.tokens().value() - 1) / limits_.block_size.value());
  return std::span(chain).first(std::min(chain.size(), most));
}

Schedule::Admission Schedule::look_up(Slot slot) {
  const InFlight& r = at(slot);
  Admission admission{r.computed};
  PrefixCache* cache = kv_.prefixes();
  if (cache == nullptr || r.computed > Tokens(0)) return admission;
  admission.found = cache->find_leading(prefix_names(slot));
  admission.saves = kv_.weight() * Blocks(admission.found.here) - admission.found.unheld;
  admission.computed = limits_.block_size * admission.found.blocks;
  return admission;
}

Schedule::Prefix Schedule::prefix_of(Slot slot) {
  const std::span<const std::uint64_t> names = prefix_names(slot);
  return {names, static_cast<std::size_t>(kv_.prefixes()->find_leading(names).blocks)};
}

std::span<const std::uint64_t> Schedule::computed_prefix(Slot slot) const {
  const std::vector<std::uint64_t>& chain = store_->find_extra(slot)->prefix.chain;
  const auto full =
      static_cast<std::size_t>(request(slot).computed.value() / limits_.block_size.value());
  return std::span(chain).first(std::min(chain.size(), full));
}

void Schedule::bring_below(std::span<const std::uint64_t> names) {
  PrefixCache& cache = *kv_.prefixes();
  cache.below()->keep(names, cache.capacity_below());
}

// To host memory, or back.
Duration Schedule::copying(Blocks blocks) const {
  return engine_->swap->block * blocks.value() / engine_->swap->bandwidth;
}

// What is in the cache, or in host memory, is the request's.
void Schedule::bring_in(Slot slot, const Admission& admission) {
  at(slot).lane = special_->acting;
  if (special_->most_swapped > Blocks(0)) {
    Extra& extra = store_->extra(slot);
    special_->swapped -= extra.swapped;
    lane_.batch.copying += copying(extra.swapped);
    extra.swapped = Blocks(0);
  }
  if (kv_.prefixes() == nullptr) return;
  InFlight& r = at(slot);
  PrefixHold& hold = prefix(slot);
  const PrefixCache::Found& found = admission.found;
  if (found.blocks > 0) {
    const auto known = std::span(hold.chain).first(static_cast<std::size_t>(found.blocks));
    if (found.blocks > found.here) kv_.prefixes()->touch_below(known);
    kv_.prefixes()->hold(hold, found.blocks);
    kv_.take(found.unheld);
    r.blocks = kv_.weight() * Blocks(found.here);
    r.computed = admission.computed;
    for (std::size_t tier = 0; tier < found.below.size(); ++tier) {
      if (found.below[tier] == 0) continue;
      const OffloadTier& from = engine_->offload[tier];
      lane_.batch.copying += from.latency + from.block * static_cast<double>(found.below[tier]);
    }
  }
  if (hold.admitted) return;
  hold.admitted = true;
  hold.cached = limits_.block_size * found.blocks;
  cached_ += hold.cached;
  prompts_ += r.request.prompt;
}

// The same as stable(), of what few engines do.
std::int64_t Schedule::stable_specially() const {
  if (lane_.members_changed || lane_.more_unseen) return 1;
  // Blocks that are found in the cache may be lost, so that the head needs others; a window that
  // restarts frees blocks.
  const bool varies = kv_.prefixes() != nullptr || !kv_.monotonic();
  if (varies && (may_admit() || landings_wanted_ || !lane_.batch.prefill.empty())) return 1;
  return lane_.batch.decoding ? kv_.next_kink(lane_.count) - lane_.count
                              : std::numeric_limits<std::int64_t>::max();
}

Tokens Schedule::padded_chunk(Tokens tokens) const {
  if (!engine_->shapes) return tokens;
  return Tokens(StaticShapes::padded(engine_->shapes->prompt, tokens.value()));
}

std::int64_t Schedule::longest_context() const {
  if (special_->lookahead == 0) return lane_.contexts.rbegin()->first + lane_.count + 1;
  std::int64_t longest = 0;
  for (const Slot slot : lane_.drafting) {
    longest = std::max(longest, request(slot).tokens().value());
  }
  return longest;
}

void Schedule::write_drafts(Instant now) {
  if (!lane_.batch.drafting) return;
  for (const Slot slot : lane_.drafting) {
    InFlight& r = at(slot);
    const Tokens written =
        std::min(Tokens(1 + special_->speculation->accepted(r.request.id, r.emitted)),
                 r.request.output - r.emitted);
    lane_.gaps.resume(r.last_token, now);
    lane_.gaps.burst(written - Tokens(1), now);
    r.last_token = now;
    r.emitted += written;
    r.computed += written;
    emitted_ += written;
    lane_.context += written.value();
  }
}

Slot Schedule::next_drafted() {
  std::vector<Slot>& drafting = lane_.drafting;
  while (lane_.next_drafting < drafting.size()) {
    const Slot slot = drafting[lane_.next_drafting];
    if (request(slot).emitted == request(slot).request.output) {
      leave_decodes(slot);
      return leave(slot);
    }
    ++lane_.next_drafting;
  }
  return no_slot;
}

void Schedule::add_partial(Slot slot) {
  if (std::find(lane_.partials.begin(), lane_.partials.end(), slot) != lane_.partials.end()) return;
  auto at = lane_.partials.end();
  if (engine_->order == Order::priority) {
    const auto less_urgent = [&](Slot a, Slot b) {
      return request(a).request.priority < request(b).request.priority;
    };
    at = std::upper_bound(lane_.partials.begin(), lane_.partials.end(), slot, less_urgent);
  }
  lane_.partials.insert(at, slot);
}

// Whoever asks for the same blocks from now on finds them.
void Schedule::publish(Slot slot, Tokens computed) {
  if (kv_.prefixes() == nullptr) return;
  PrefixHold& hold = prefix(slot);
  const std::int64_t full = computed.value() / limits_.block_size.value();
  kv_.prefixes()->publish(hold, std::min(full, static_cast<std::int64_t>(hold.chain.size())));
}

// A stop of its own is seen when the next batch has been decided; the client's limit is foreseen.
bool Schedule::rides_on(const InFlight& r) const {
  return engine_->scheduling == Scheduling::async && r.request.output != r.request.max_tokens &&
         r.request.output > Tokens(1);
}

void Schedule::ride_on(Slot slot) {
  InFlight& r = at(slot);
  Rider rider{r.blocks, {}, r.tokens().value()};
  if (PrefixCache* cache = kv_.prefixes()) {
    publish(slot, r.computed);
    rider.own -= cache->held_by(prefix(slot));
    std::swap(rider.prefix.entries, prefix(slot).entries);
  }
  r.blocks = Blocks(0);
  special_->ended.push_back(std::move(rider));
}

void Schedule::release_riders() {
  for (Rider& rider : special_->riders) {
    PrefixCache* cache = kv_.prefixes();
    kv_.give_back(cache == nullptr ? rider.own : cache->release(rider.prefix, rider.own));
  }
  special_->riders.clear();
}

bool Schedule::is_unseen(Slot slot) const {
  if (special_ == nullptr) return false;
  const RequestQueue& unseen = special_->unseen;
  for (Slot other = unseen.front(); other != no_slot; other = unseen.after(other)) {
    if (other == slot) return true;
  }
  return false;
}

}  // namespace tokenyard::serving
