// SPDX-License-Identifier: Apache-2.0
// What engines do beside the batcher's rules: prefix cache, drafts, riders, swap, static shapes.
#include <algorithm>
#include <limits>

#include "serving/schedule.hpp"

namespace tokenyard::serving {

bool Schedule::see_arrivals() {
  if (special_ == nullptr) return false;
  more_unseen_ = !special_->unseen.empty();
  while (!special_->unseen.empty()) {
    const Slot slot = special_->unseen.front();
    special_->unseen.remove(slot);
    waiting_.push_back(slot);
  }
  return more_unseen_;
}

void Schedule::decode_drafting() {
  std::vector<Slot>& drafting = special_->drafting;
  special_->next_drafting = 0;
  for (std::size_t i = 0; i < drafting.size(); ++i) {
    const Slot slot = drafting[i];
    const Blocks needed = kv_.blocks_for(at(slot).tokens() + lookahead());
    while (growing() && needed - at(slot).blocks > kv_.free()) {
      const Slot last = running_.back();
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
  batch_.drafting = !drafting.empty();
  budget_ -= std::min(budget_, (Tokens(1) + lookahead()) * decodes());
}

Schedule::Admission Schedule::look_up(Slot slot) {
  const InFlight& r = at(slot);
  Admission admission{r.computed};
  PrefixCache* cache = kv_.prefixes();
  if (cache == nullptr || r.computed > Tokens(0)) return admission;
  Extra& extra = store_->extra(slot);
  std::vector<std::uint64_t>& chain = extra.prefix.chain;
  if (chain.empty()) {
    name_blocks(limits_.block_size, r.request.prompt, r.request.prompt + r.request.output,
                extra.pieces, chain);
  }
  // The last token is always read: its result is what comes next.
  const auto most = static_cast<std::size_t>((r.tokens().value() - 1) / limits_.block_size.value());
  const auto known = std::span(chain).first(std::min(chain.size(), most));
  admission.found = cache->find_leading(known);
  admission.saves = kv_.weight() * Blocks(admission.found.here) - admission.found.unheld;
  admission.computed = limits_.block_size * admission.found.blocks;
  return admission;
}

// To host memory, or back.
Duration Schedule::copying(Blocks blocks) const {
  return engine_->swap->block * blocks.value() / engine_->swap->bandwidth;
}

// What is in the cache, or in host memory, is the request's.
void Schedule::bring_in(Slot slot, const Admission& admission) {
  if (special_->most_swapped > Blocks(0)) {
    Extra& extra = store_->extra(slot);
    special_->swapped -= extra.swapped;
    batch_.copying += copying(extra.swapped);
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
      batch_.copying += from.latency + from.block * static_cast<double>(found.below[tier]);
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
  if (members_changed_ || more_unseen_) return 1;
  // Blocks that are found in the cache may be lost, so that the head needs others; a window that
  // restarts frees blocks.
  const bool varies = kv_.prefixes() != nullptr || !kv_.monotonic();
  if (varies && (may_admit() || !batch_.prefill.empty())) return 1;
  return batch_.decoding ? kv_.next_kink(count_) - count_
                         : std::numeric_limits<std::int64_t>::max();
}

Tokens Schedule::padded_chunk(Tokens tokens) const {
  if (!engine_->shapes) return tokens;
  return Tokens(StaticShapes::padded(engine_->shapes->prompt, tokens.value()));
}

std::int64_t Schedule::longest_context() const {
  if (special_->lookahead == 0) return special_->contexts.rbegin()->first + count_ + 1;
  std::int64_t longest = 0;
  for (const Slot slot : special_->drafting) {
    longest = std::max(longest, request(slot).tokens().value());
  }
  return longest;
}

void Schedule::write_drafts(Instant now) {
  if (!batch_.drafting) return;
  for (const Slot slot : special_->drafting) {
    InFlight& r = at(slot);
    const Tokens written =
        std::min(Tokens(1 + special_->speculation->accepted(r.request.id, r.emitted)),
                 r.request.output - r.emitted);
    gaps_.resume(r.last_token, now);
    gaps_.burst(written - Tokens(1), now);
    r.last_token = now;
    r.emitted += written;
    r.computed += written;
    emitted_ += written;
    context_ += written.value();
  }
}

Slot Schedule::next_drafted() {
  std::vector<Slot>& drafting = special_->drafting;
  while (special_->next_drafting < drafting.size()) {
    const Slot slot = drafting[special_->next_drafting];
    if (request(slot).emitted == request(slot).request.output) {
      leave_decodes(slot);
      return leave(slot);
    }
    ++special_->next_drafting;
  }
  return no_slot;
}

void Schedule::add_partial(Slot slot) {
  if (std::find(partials_.begin(), partials_.end(), slot) != partials_.end()) return;
  auto at = partials_.end();
  if (engine_->order == Order::priority) {
    const auto less_urgent = [&](Slot a, Slot b) {
      return request(a).request.priority < request(b).request.priority;
    };
    at = std::upper_bound(partials_.begin(), partials_.end(), slot, less_urgent);
  }
  partials_.insert(at, slot);
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
