// SPDX-License-Identifier: Apache-2.0
// KV caches on their way between replicas.
#include "fleet/simulation.hpp"

namespace tokenyard::fleet {

void Simulation::hand_over(serving::Slot slot, Member& from) {
  serving::InFlight& r = store_[slot];
  r.in_transfer = true;
  const HandOverPlan& plan = *from.pool->hand_over;
  Pool& pool = *pools_[plan.to];
  Member& to = choose(pool, r.request);
  pool.loads.add(index(id_of(to)) - pool.first, 1);
  const Bytes bytes = plan.fixed + plan.per_token * r.request.prompt.value();
  const network::TransferId id =
      kv_transfers_.add({r.request.id, slot, from.pool->id, id_of(from), id_of(to), bytes, now_});
  if (plan.wire) {
    const Instant entered = now_ + plan.wire->latency;
    kv_transfers_.schedule(id, entered + bytes / plan.wire->bandwidth, KvTransfers::Step::deliver);
  } else {
    const Instant enters = now_ + transfers_->latency(nodes_of(from), nodes_of(to));
    kv_transfers_.schedule(id, enters, KvTransfers::Step::enter);
  }
  schedule(transfer_step_, kv_transfers_.next_date(), Phase::delivery);
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
    transfers_->start(due->id, nodes_of(members_[index(transfer.from)]),
                      nodes_of(members_[index(transfer.to)]), transfer.bytes);
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
  kv_transfers_.remove(id);
  observer_->transferred(transfer, now_);
  Member& from = members_[index(transfer.from)];
  Member& to = members_[index(transfer.to)];
  if (from.pool->hand_over->rules.hold_kv) {
    reach_boundary(from);
    from.replica.release(transfer.slot, now_);
    if (from.replica.idle() && from.replica.waiting() + from.replica.running() > 0) begin(from);
  }
  serving::InFlight& r = store_[transfer.slot];
  r.in_transfer = false;
  r.pool = to.pool->id;
  r.replica = transfer.to;
  if (r.cancelled) {
    to.pool->loads.add(index(transfer.to) - to.pool->first, -1);
    return end_attempt(transfer.slot, results::Status::timed_out);
  }
  to.replica.take_over(transfer.slot);
  queued(transfer.slot, to);
}

}  // namespace tokenyard::fleet
