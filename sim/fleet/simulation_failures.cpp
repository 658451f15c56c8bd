// SPDX-License-Identifier: Apache-2.0
// What a failure takes with it, and how replicas come back.
#include <algorithm>

#include "fleet/simulation.hpp"

namespace tokenyard::fleet {

void Simulation::expect_faults() {
  const Instant next = faults_.next();
  if (next == Instant::never() || !operates_) return calendar_.cancel(faults_step_);
  schedule(faults_step_, next, Phase::fail);
}

void Simulation::act_on_faults() {
  while (faults_.next() <= now_) {
    const FaultEvent event = faults_.pop();
    act_on(faults_.component(event.component), event.begins);
  }
  expect_faults();
}

void Simulation::act_on(const Component& component, bool begins) {
  if (!component.link.empty()) {
    if (transfers_ != nullptr) transfers_->degrade(component.link, begins ? component.share : 1);
    return;
  }
  for (const std::uint16_t number : component.pools) {
    Pool& pool = *pools_[number];
    pool.frozen += begins ? 1 : -1U;
    if (pool.frozen == 0) thaw(pool);
  }
  for (const std::uint32_t number : component.replicas) {
    if (begins) {
      break_down(members_[number]);
    } else {
      mend(members_[number]);
    }
  }
}

// A part of a replica fails.
void Simulation::break_down(Member& member) {
  if (member.broken++ > 0) return;
  const Duty duty = member.duty;
  if (duty == Duty::off || duty == Duty::away) return;
  if (duty == Duty::failed) {  // again, while it was about to serve
    stop_start(member);
    ++member.turn;
    return;
  }
  ++member.pool->before.failures;
  member.failed = now_;
  turn_to(member, Duty::failed);
  if (duty == Duty::provisioning || duty == Duty::loading) return stop_start(member);
  if (duty == Duty::draining && !member.unwanted) leave_crew(member);
  clear(member);
}

void Simulation::mend(Member& member) {
  SIM_ENSURE(member.broken > 0);
  if (--member.broken == 0) recover(member);
}

// Nobody brings a replica back while its control plane is out.
void Simulation::recover(Member& member) {
  if (member.duty != Duty::failed || member.broken > 0 || member.pool->frozen > 0) return;
  if (member.unwanted) {
    member.unwanted = false;
    return turn_to(member, Duty::off);
  }
  restart(member);
}

void Simulation::thaw(Pool& pool) {
  for (std::size_t i = 0; i < pool.loads.size(); ++i) recover(members_[pool.first + i]);
  std::vector<DutyStep> deferred;
  deferred.swap(pool.deferred);
  for (const DutyStep& step : deferred) {
    Member& member = members_[step.replica];
    if (member.turn == step.turn) take_step(member);
  }
}

// Weights on their way to it are for nothing.
void Simulation::stop_start(Member& member) {
  for (const network::TransferId id : kv_transfers_.of(id_of(member))) {
    KvTransfer& transfer = kv_transfers_[id];
    if (transfer.kind == KvTransfer::Kind::weights) transfer.lost = true;
  }
}

// All that a replica has is lost: its requests fail, here and wherever they wait for it.
void Simulation::clear(Member& member) {
  const ReplicaId id = id_of(member);
  member.replica.observe(now_);
  std::vector<serving::Slot> lost = lose_transfers(member);
  for (const serving::Slot slot : store_.in_flight()) {
    const serving::InFlight& r = store_[slot];
    if (r.placed && !r.in_transfer && r.replica == id) lost.push_back(slot);
  }
  std::sort(lost.begin(), lost.end(), [this](serving::Slot a, serving::Slot b) {
    return store_[a].request.id < store_[b].request.id;
  });
  for (const serving::Slot slot : lost) lose(slot, member);
  SIM_ENSURE(member.requests == 0 && member.landings.empty());
  member.held = 0;
  remake(member);
}

// A replica without requests begins anew: its caches are empty.
void Simulation::remake(Member& member) {
  SIM_ENSURE(member.requests == 0 && member.landings.empty());
  Pool& pool = *member.pool;
  member.replica.observe(now_);
  member.replica.close_gaps();
  count(pool.before, member);
  pool.before.waiting = pool.before.running = 0;
  pool.before.kv_used = pool.before.kv_total = Blocks(0);
  serving::Replica::Input plan = pool.plan;
  plan.number = static_cast<std::uint32_t>(index(id_of(member)));
  member.replica = serving::Replica(plan);
  pool.router->forget(plan.number - pool.first);
  calendar_.cancel(member.slot);
}

// Of the transfers from and to a replica that fails; returns the requests that wait for them.
std::vector<serving::Slot> Simulation::lose_transfers(Member& member) {
  std::vector<serving::Slot> waiting;
  for (const network::TransferId id : kv_transfers_.of(id_of(member))) {
    KvTransfer& transfer = kv_transfers_[id];
    if (transfer.lost) continue;  // with an earlier life of one of the two
    switch (transfer.kind) {
      case KvTransfer::Kind::fetch:
        transfer.lost = true;
        waiting.push_back(transfer.slot);
        break;
      case KvTransfer::Kind::hand_over:
        if (lose_hand_over(id, member)) waiting.push_back(transfer.slot);
        break;
      case KvTransfer::Kind::chunk:
        break;  // its whole is lost, and knows
      default:
        transfer.lost = true;
    }
  }
  return waiting;
}

// Whether its request waits for it, and is lost with it.
bool Simulation::lose_hand_over(network::TransferId id, Member& member) {
  KvTransfer& transfer = kv_transfers_[id];
  if (transfer.abandoned) {
    if (transfer.to == id_of(member)) give_up_landing(transfer);
    return false;
  }
  const serving::Slot slot = transfer.slot;
  Member& to = members_[index(transfer.to)];
  if (index(slot) < moving_.size()) moving_[index(slot)] = no_transfer;
  const auto place = std::find(to.landings.begin(), to.landings.end(), id);
  if (place != to.landings.end()) {
    to.landings.erase(place);
    to.replica.expect_landings(!to.landings.empty());
    --landings_wanted_;
    if (!to.landings.empty() && &to != &member) expect_grants(to);
  }
  transfer.abandoned = true;
  if (transfer.to == id_of(member)) give_up_landing(transfer);
  if (transfer.parts == 0) {
    const KvTransfer last = transfer;
    kv_transfers_.remove(id);
    cancel_landing(last);
  }
  if (store_[slot].in_transfer) return true;
  // The replica that reads its prompt has it, and lets go of it after this iteration.
  if (&members_[index(transfer.from)] != &member) {
    store_[slot].lost = true;
    cancel(slot);
  }
  return false;
}

// The replica that was to answer has failed, with the room that it kept.
void Simulation::give_up_landing(KvTransfer& transfer) {
  if (transfer.lost) return;
  transfer.lost = true;
  load(members_[index(transfer.to)], transfer.load, -1);
}

// A request has lost the replica `member`: one of the two that it needs.
void Simulation::lose(serving::Slot slot, Member& member) {
  serving::InFlight& r = store_[slot];
  Member& holder = members_[index(r.replica)];  // that it is at, or left last
  const auto leaving = std::find(cancelling_.begin(), cancelling_.end(), slot);
  if (leaving != cancelling_.end()) cancelling_.erase(leaving);
  const results::Status status =
      r.cancelled && !r.lost ? results::Status::timed_out : results::Status::failed;
  if (!r.handed_over || !r.in_transfer) {
    load(holder, r.request, -1);
  } else if (&holder != &member && holder.pool->hand_over->rules.hold_kv) {
    r.in_transfer = false;
    release_handed_over(slot, holder);
  }
  if (r.decoding) r.emitted = holder.replica.emitted_by(r);
  store_.lose(slot);
  end_attempt(slot, status);
}

}  // namespace tokenyard::fleet
