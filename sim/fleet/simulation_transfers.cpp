// SPDX-License-Identifier: Apache-2.0
// KV caches on their way between replicas.
#include "fleet/simulation.hpp"

namespace tokenyard::fleet {

// Prefixes that the replica does not have are fetched from the pool's store, while the request
// waits. Whether there are any.
bool Simulation::fetch(serving::Slot slot, Member& member) {
  serving::InFlight& r = store_[slot];
  reach_boundary(member);
  member.replica.observe(now_);
  const auto [names, found] = member.replica.prefix_of(slot);
  PrefixStore& store = *member.pool->store;
  const auto wanted = names.subspan(found, store.leading(names.subspan(found)));
  if (wanted.empty()) return false;
  store.keep(wanted);
  r.in_transfer = true;
  send({KvTransfer::Kind::fetch,
        r.request.id,
        slot,
        member.pool->id,
        no_replica,
        id_of(member),
        store.bytes(wanted.size()),
        now_,
        {wanted.begin(), wanted.end()}},
       store.plan().wire);
  return true;
}

// A request leaves: the blocks that the pool's store has not are sent there.
void Simulation::put(serving::Slot slot, const Member& member) {
  const PrefixStore& store = *member.pool->store;
  std::vector<std::uint64_t> names;
  for (const std::uint64_t name : member.replica.computed_prefix(slot)) {
    if (!store.has(name)) names.push_back(name);
  }
  if (names.empty()) return;
  const Bytes bytes = store.bytes(names.size());
  send({KvTransfer::Kind::put, store_[slot].request.id, slot, member.pool->id, id_of(member),
        no_replica, bytes, now_, std::move(names)},
       store.plan().wire);
}

network::TransferId Simulation::send(const KvTransfer& transfer, const std::optional<Wire>& wire) {
  const network::TransferId id = kv_transfers_.add(transfer);
  enter(id, wire, now_);
  return id;
}

// What is sent at `date` is on the wire once the latency has passed.
void Simulation::enter(network::TransferId id, const std::optional<Wire>& wire, Instant date) {
  const KvTransfer& transfer = kv_transfers_[id];
  if (wire) {
    kv_transfers_.schedule(id, date + wire->latency + transfer.bytes / wire->bandwidth,
                           KvTransfers::Step::deliver);
  } else {
    const Duration latency =
        transfers_->latency(place_of(transfer.from, transfer), place_of(transfer.to, transfer));
    kv_transfers_.schedule(id, date + latency, KvTransfers::Step::enter);
  }
  schedule(transfer_step_, kv_transfers_.next_date(), Phase::delivery);
}

network::NodeRange Simulation::place_of(ReplicaId replica, const KvTransfer& transfer) const {
  if (replica != no_replica) return nodes_of(members_[index(replica)]);
  if (transfer.kind == KvTransfer::Kind::weights) {
    return pools_[index(transfer.from_pool)]->cold_start->store;
  }
  return pools_[index(transfer.from_pool)]->store->plan().nodes;
}

void Simulation::delivered(network::TransferId id, Instant date) {
  kv_transfers_.schedule(id, date, KvTransfers::Step::deliver);
  schedule(transfer_step_, kv_transfers_.next_date(), Phase::delivery);
}

void Simulation::move_transfers() {
  while (const std::optional<KvTransfers::Due> due = kv_transfers_.pop(now_)) {
    if (due->step == KvTransfers::Step::deliver) {
      deliver(due->id);
      continue;
    }
    const KvTransfer& transfer = kv_transfers_[due->id];
    if (transfer.lost && !transfer.moves_answer()) {
      kv_transfers_.remove(due->id);
      continue;
    }
    transfers_->start(due->id, place_of(transfer.from, transfer), place_of(transfer.to, transfer),
                      transfer.bytes);
  }
  if (kv_transfers_.next_date() < Instant::never()) {
    schedule(transfer_step_, kv_transfers_.next_date(), Phase::delivery);
  } else {
    calendar_.cancel(transfer_step_);
  }
}

// Blocks come free after the iteration that ends at this date, and before the next begins, whether
// or not a leap goes across.
void Simulation::reach_boundary(Member& member) {
  if (member.replica.idle()) return;
  const Instant end = member.replica.stop(now_);
  if (end > now_) return schedule(member.slot, end, Phase::iteration_end);
  more_now_ = true;
  finish_iterations(static_cast<std::uint32_t>(index(id_of(member))));
}

void Simulation::deliver(network::TransferId id) {
  const KvTransfer transfer = kv_transfers_[id];
  if (transfer.kind == KvTransfer::Kind::hand_over) return part_arrived(id);
  kv_transfers_.remove(id);
  if (transfer.lost) return;
  observer_->transferred(transfer, now_);
  switch (transfer.kind) {
    case KvTransfer::Kind::put:
      return pools_[index(transfer.from_pool)]->store->keep(transfer.names);
    case KvTransfer::Kind::fetch:
      return deliver_fetched(transfer);
    case KvTransfer::Kind::chunk:
      return part_arrived(transfer.whole);
    default:
      return warm_up(members_[index(transfer.to)]);
  }
}

// Into the first tier of the replica, from where admission reads it.
void Simulation::deliver_fetched(const KvTransfer& transfer) {
  Member& to = members_[index(transfer.to)];
  reach_boundary(to);
  to.replica.observe(now_);
  to.replica.bring_below(transfer.names);
  serving::InFlight& r = store_[transfer.slot];
  r.in_transfer = false;
  if (r.cancelled) {
    load(to, r.request, -1);
    return end_attempt(transfer.slot, results::Status::timed_out);
  }
  queue(transfer.slot, to);
}

// Every replica that begins without its weights asks for them at once.
void Simulation::fetch_weights() {
  for (Member& member : members_) {
    const auto& plan = member.pool->cold_start;
    if (!plan || !plan->at_start || member.duty != Duty::serving) continue;
    member.warm = Instant::never();
    fetch_weights(member);
  }
}

void Simulation::fetch_weights(Member& member) {
  KvTransfer transfer;
  transfer.kind = KvTransfer::Kind::weights;
  transfer.request = RequestId(index(id_of(member)));  // orders those of one date
  transfer.from_pool = member.pool->id;
  transfer.to = id_of(member);
  transfer.bytes = member.pool->cold_start->weights;
  send(transfer, std::nullopt);
}

void Simulation::warm_up(Member& member) {
  const Instant warm = now_ + member.pool->cold_start->start_up;
  if (member.duty != Duty::serving) return expect_step(member, warm);
  member.warm = warm;  // requests are queued already
  schedule(member.slot, member.warm, Phase::iterate);
}

// A replica that has nothing under way, and whose weights are not there.
void Simulation::wait_for_weights(Member& member) {
  if (member.warm < Instant::never()) return schedule(member.slot, member.warm, Phase::iterate);
  calendar_.cancel(member.slot);
}

}  // namespace tokenyard::fleet
