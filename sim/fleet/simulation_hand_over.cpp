// SPDX-License-Identifier: Apache-2.0
// KV caches from the replicas that read prompts to those that answer, and the room they land in.
#include <algorithm>

#include "fleet/simulation.hpp"

namespace tokenyard::fleet {

network::TransferId Simulation::prepare_hand_over(serving::Slot slot, Member& from, Member& to) {
  const serving::InFlight& r = store_[slot];
  const HandOverPlan& plan = *from.pool->hand_over;
  load(to, r.request, 1);
  KvTransfer transfer;
  transfer.request = r.request.id;
  transfer.slot = slot;
  transfer.from_pool = from.pool->id;
  transfer.from = id_of(from);
  transfer.to = id_of(to);
  transfer.bytes = plan.fixed + plan.per_token * r.request.prompt.value();
  transfer.start = now_;
  transfer.load = r.request.prompt + r.request.max_tokens;
  return kv_transfers_.add(transfer);
}

// The prompt of a request is read.
void Simulation::hand_over(serving::Slot slot, Member& from) {
  count_work(slot, store_[slot].emitted);
  store_[slot].handed_over = true;
  const HandOverPlan& plan = *from.pool->hand_over;
  if (plan.rules.hold_kv) ++from.held;
  if (plan.rules.layerwise()) {
    store_[slot].in_transfer = true;
    return end_chunks(moving_[index(slot)]);
  }
  Member* to = choose(*pools_[plan.to], slot);
  if (to == nullptr) {  // nobody is left who could answer
    if (plan.rules.hold_kv) release_held(slot, from);
    return end_attempt(slot, results::Status::failed);
  }
  store_[slot].in_transfer = true;
  const network::TransferId id = prepare_hand_over(slot, from, *to);
  if (plan.reserves()) {
    want_landing(id);
  } else {
    launch(id);
  }
}

void Simulation::launch(network::TransferId id) {
  KvTransfer& transfer = kv_transfers_[id];
  const HandOverPlan& plan = *pools_[index(transfer.from_pool)]->hand_over;
  ++transfer.parts;
  transfer.read = true;
  if (plan.rules.move != serving::KvMove::pull) return enter(id, plan.wire, now_);
  // The replica that answers asks for it.
  const Duration way = plan.wire ? plan.wire->latency
                                 : transfers_->latency(place_of(transfer.to, transfer),
                                                       place_of(transfer.from, transfer));
  enter(id, plan.wire, now_ + way);
}

// Whether the prompt of a request is to be sent while it is read.
bool Simulation::reserves_first(serving::Slot slot, const Pool& from) {
  if (!from.hand_over->rules.layerwise()) return false;
  if (moving_.size() <= index(slot)) moving_.resize(index(slot) + 1, no_transfer);
  moving_[index(slot)] = no_transfer;
  const bool ends_here = from.hand_over->rules.first_token == serving::FirstToken::prefill &&
                         store_[slot].request.output == Tokens(1);
  return !ends_here;
}

// It waits for room before it is queued.
void Simulation::reserve_first(serving::Slot slot, Member& from, Member& to) {
  store_[slot].in_transfer = true;
  want_landing(prepare_hand_over(slot, from, to));
}

// Sends the chunks of the iteration that has just begun and lasts until `end`.
void Simulation::send_chunks(Member& from, Instant end) {
  from.replica.for_each_chunk(
      [&](const serving::Batch::Chunk& chunk) { send_chunk(from, chunk, end - now_); });
}

// From when its first layer is computed. What was found in a prefix cache goes with the first
// chunk; what is computed anew after a preemption is there already.
void Simulation::send_chunk(Member& from, const serving::Batch::Chunk& chunk, Duration took) {
  const network::TransferId id = moving_[index(chunk.slot)];
  if (id == no_transfer) return;
  KvTransfer& whole = kv_transfers_[id];
  const serving::InFlight& r = store_[chunk.slot];
  const HandOverPlan& plan = *from.pool->hand_over;
  const Tokens reached = std::min(r.computed + chunk.tokens, r.request.prompt);
  if (reached <= whole.sent) return;
  KvTransfer part;
  part.kind = KvTransfer::Kind::chunk;
  part.request = whole.request;
  part.slot = chunk.slot;
  part.from_pool = whole.from_pool;
  part.from = whole.from;
  part.to = whole.to;
  part.bytes = plan.per_token * (reached - whole.sent).value();
  if (reached == r.request.prompt) part.bytes += plan.fixed;
  part.start = now_;
  part.sent = reached;
  part.whole = id;
  whole.sent = reached;
  whole.last_layer = Bytes(part.bytes.value() / plan.layers);
  ++whole.parts;
  const network::TransferId sent = kv_transfers_.add(part);
  enter(sent, plan.wire, now_ + took / static_cast<double>(plan.layers));
}

// The prompt is read: what is left is its last layer, which could not leave before.
void Simulation::end_chunks(network::TransferId id) {
  KvTransfer& whole = kv_transfers_[id];
  const HandOverPlan& plan = *pools_[index(whole.from_pool)]->hand_over;
  const Wire wire = plan.wire ? *plan.wire : route_of(whole);
  whole.start = now_;
  whole.read = true;
  ++whole.parts;
  kv_transfers_.schedule(id, now_ + wire.latency + whole.last_layer / wire.bandwidth,
                         KvTransfers::Step::deliver);
  schedule(transfer_step_, kv_transfers_.next_date(), Phase::delivery);
}

// A wire as narrow and long as the way of a transfer.
Wire Simulation::route_of(const KvTransfer& transfer) const {
  const network::NodeRange from = place_of(transfer.from, transfer);
  const network::NodeRange to = place_of(transfer.to, transfer);
  return {transfers_->latency(from, to), transfers_->bandwidth(from, to)};
}

void Simulation::part_arrived(network::TransferId id) {
  KvTransfer& whole = kv_transfers_[id];
  SIM_EXPECT(whole.parts > 0);
  if (--whole.parts > 0) return;
  if (whole.abandoned) {
    const KvTransfer transfer = whole;
    kv_transfers_.remove(id);
    return cancel_landing(transfer);
  }
  if (whole.read) complete(id);
}

// All of a KV cache is there.
void Simulation::complete(network::TransferId id) {
  const KvTransfer transfer = kv_transfers_[id];
  kv_transfers_.remove(id);
  observer_->transferred(transfer, now_);
  Member& from = members_[index(transfer.from)];
  Member& to = members_[index(transfer.to)];
  if (from.pool->hand_over->rules.hold_kv) release_handed_over(transfer.slot, from);
  serving::InFlight& r = store_[transfer.slot];
  r.in_transfer = false;
  r.pool = to.pool->id;
  r.replica = transfer.to;
  if (from.pool->hand_over->reserves()) moving_[index(transfer.slot)] = no_transfer;
  if (r.cancelled) {
    cancel_landing(transfer);
    return end_attempt(transfer.slot, given_up(transfer.slot));
  }
  to.replica.take_over(transfer.slot, transfer.landing);
  queued(transfer.slot, to);
}

void Simulation::release_handed_over(serving::Slot slot, Member& from) {
  reach_boundary(from);
  release_held(slot, from);
  if (from.replica.idle() && from.replica.waiting() + from.replica.running() > 0) begin(from);
}

void Simulation::release_held(serving::Slot slot, Member& from) {
  from.replica.release(slot, now_);
  --from.held;
  if (from.duty == Duty::draining && from.held == 0) expect_drained();
}

// Queues for room, behind all that came before.
void Simulation::want_landing(network::TransferId id) {
  const KvTransfer& transfer = kv_transfers_[id];
  if (moving_.size() <= index(transfer.slot)) moving_.resize(index(transfer.slot) + 1, no_transfer);
  moving_[index(transfer.slot)] = id;
  Member& to = members_[index(transfer.to)];
  to.landings.push_back(id);
  to.replica.expect_landings(true);
  ++landings_wanted_;
  expect_grants(to);
}

// Room is granted once all else of a date is done, and iterations have taken what they need.
void Simulation::expect_grants(Member& to) {
  granting_.push_back(static_cast<std::uint32_t>(index(id_of(to))));
  schedule(landing_step_, now_, Phase::iterate);
}

void Simulation::grant_landings() {
  calendar_.cancel(landing_step_);
  std::vector<std::uint32_t> replicas;
  replicas.swap(granting_);
  std::sort(replicas.begin(), replicas.end());
  replicas.erase(std::unique(replicas.begin(), replicas.end()), replicas.end());
  for (const std::uint32_t replica : replicas) grant_landings(members_[replica]);
}

void Simulation::grant_landings(Member& to) {
  to.replica.observe(now_);
  bool any = false;
  while (!to.landings.empty()) {
    const network::TransferId id = to.landings.front();
    KvTransfer& transfer = kv_transfers_[id];
    const HandOverPlan& plan = *pools_[index(transfer.from_pool)]->hand_over;
    const traffic::Request& request = store_[transfer.slot].request;
    const auto landing =
        to.replica.reserve_landing(request, plan.known(request.prompt), plan.rules.move);
    if (!landing) break;
    transfer.landing = *landing;
    to.landings.erase(to.landings.begin());
    --landings_wanted_;
    any = true;
    granted(id);
  }
  to.replica.expect_landings(!to.landings.empty());
  // A leap was planned with the blocks that were taken.
  if (any && !to.replica.idle()) {
    schedule(to.slot, to.replica.stop(now_), Phase::iteration_end);
  }
}

void Simulation::granted(network::TransferId id) {
  const KvTransfer& transfer = kv_transfers_[id];
  Member& from = members_[index(transfer.from)];
  if (!from.pool->hand_over->rules.layerwise()) return launch(id);
  const serving::Slot slot = transfer.slot;
  store_[slot].in_transfer = false;
  queue(slot, from);
}

// The client of a request has gone that waits for room. Whether it did.
bool Simulation::withdraw(serving::Slot slot) {
  const network::TransferId id = index(slot) < moving_.size() ? moving_[index(slot)] : no_transfer;
  if (id == no_transfer) return false;
  const KvTransfer transfer = kv_transfers_[id];
  Member& to = members_[index(transfer.to)];
  const auto place = std::find(to.landings.begin(), to.landings.end(), id);
  if (place == to.landings.end()) return false;
  to.landings.erase(place);
  --landings_wanted_;
  kv_transfers_.remove(id);
  moving_[index(slot)] = no_transfer;
  load(to, transfer.load, -1);
  if (!to.landings.empty()) expect_grants(to);
  Member& from = members_[index(transfer.from)];
  store_[slot].in_transfer = false;
  if (from.pool->hand_over->rules.layerwise()) {  // it was not queued yet
    load(from, transfer.load, -1);
  } else if (from.pool->hand_over->rules.hold_kv) {
    release_handed_over(slot, from);
  }
  end_attempt(slot, results::Status::timed_out);
  return true;
}

// A request leaves before its prompt is read: what was sent of it is for nothing.
void Simulation::abandon(serving::Slot slot) {
  const network::TransferId id = index(slot) < moving_.size() ? moving_[index(slot)] : no_transfer;
  if (id == no_transfer) return;
  moving_[index(slot)] = no_transfer;
  KvTransfer& transfer = kv_transfers_[id];
  transfer.abandoned = true;
  if (transfer.parts > 0) return;
  const KvTransfer last = transfer;
  kv_transfers_.remove(id);
  cancel_landing(last);
}

// Room that is not needed any more; and the request is not expected any more.
void Simulation::cancel_landing(const KvTransfer& transfer) {
  if (transfer.lost) return;
  Member& to = members_[index(transfer.to)];
  load(to, transfer.load, -1);
  if (transfer.landing.blocks == Blocks(0)) return;
  reach_boundary(to);
  to.replica.observe(now_);
  to.replica.cancel_landing(transfer.landing);
  if (to.replica.idle()) {
    begin(to);
  } else {
    schedule(to.slot, to.replica.stop(now_), Phase::iteration_end);
  }
  if (!to.landings.empty()) expect_grants(to);
}

}  // namespace tokenyard::fleet
