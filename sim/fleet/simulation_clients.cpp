// SPDX-License-Identifier: Apache-2.0
// What clients do: they are refused, give up, and come again.
#include <algorithm>

#include "fleet/simulation.hpp"

namespace tokenyard::fleet {

void Simulation::expect_clients(Stream& stream) {
  const Instant date = stream.clients->next(store_);
  if (date == Instant::never()) return calendar_.cancel(stream.clients_slot);
  schedule(stream.clients_slot, std::max(date, now_), Phase::control);
}

void Simulation::act_for_clients(Stream& stream) {
  for (;;) {
    const serving::Slot slot = stream.clients->give_up(store_, now_);
    if (slot == serving::no_slot) break;
    cancel(slot);
  }
  for (;;) {
    const serving::Slot slot = stream.clients->return_at(now_);
    if (slot == serving::no_slot) break;
    attempt(slot);
  }
  expect_clients(stream);
}

// The client of a request in the fleet has gone. A replica lets go of it between two iterations, a
// transfer is carried to its end.
void Simulation::cancel(serving::Slot slot) {
  serving::InFlight& r = store_[slot];
  if (r.travelling || r.held_back) return turn_back(slot);
  if (r.cancelled) return;  // it is being taken out already
  r.cancelled = true;
  if (r.in_transfer) {
    withdraw(slot);
    return;
  }
  cancelling_.push_back(slot);
  Member& member = members_[index(r.replica)];
  if (member.replica.resting(slot)) {
    schedule(member.slot, now_, Phase::iterate);
  } else {
    schedule(member.slot, member.replica.stop(now_), Phase::iteration_end);
  }
}

bool Simulation::has_cancelled(const Member& member) const {
  const ReplicaId id = id_of(member);
  return std::any_of(cancelling_.begin(), cancelling_.end(), [&](serving::Slot slot) {
    return store_[slot].replica == id && member.replica.resting(slot);
  });
}

// Before a replica starts an iteration, when all else of this date is done: so that it does not
// matter whether the one before ended by itself at this date or was cut here.
void Simulation::take_out_cancelled(Member& member) {
  const ReplicaId id = id_of(member);
  for (std::size_t i = 0; i < cancelling_.size();) {
    const serving::Slot slot = cancelling_[i];
    if (store_[slot].replica != id || !member.replica.resting(slot)) {
      ++i;
      continue;
    }
    cancelling_.erase(cancelling_.begin() + static_cast<std::ptrdiff_t>(i));
    member.replica.cancel(slot);
    abandon(slot);
    load(member, store_[slot].request, -1);
    end_attempt(slot, given_up(slot));
  }
}

// The iteration at whose end a request was to be taken out was its last there: its answer, or the
// reading of its prompt, came too late.
void Simulation::leave_cancelled(serving::Slot slot, Member& member) {
  cancelling_.erase(std::find(cancelling_.begin(), cancelling_.end(), slot));
  const serving::InFlight& r = store_[slot];
  const auto& plan = member.pool->hand_over;
  if (r.emitted < r.request.output && plan && plan->rules.hold_kv) {
    ++member.held;
    release_held(slot, member);
  }
  abandon(slot);
  end_attempt(slot, given_up(slot));
}

// How a request ends that was taken out of its replica.
results::Status Simulation::given_up(serving::Slot slot) const {
  return store_[slot].lost ? results::Status::failed : results::Status::timed_out;
}

void Simulation::end_attempt(serving::Slot slot, results::Status status) {
  serving::InFlight& r = store_[slot];
  Stream& stream = streams_[index(r.request.tenant)];
  count_work(slot, r.emitted);
  if (stream.clients) {
    if (status != results::Status::throttled) {
      stream.clients->quota().settle(r.request, r.emitted, now_);
    }
    const bool may_return = status != results::Status::ok && status != results::Status::rejected;
    if (may_return && stream.clients->come_again(r, slot, now_)) {
      totals_.output_abandoned += r.emitted;
      ++r.attempt;
      r.emitted = Tokens(0);
      r.computed = Tokens(0);
      r.cancelled = false;
      r.handed_over = false;
      r.placed = false;
      r.lost = false;
      r.rank = 0;
      if (keeps_pieces_) store_.forget(slot);
      return expect_clients(stream);
    }
  }
  end_request(slot, status);
  if (stream.clients) expect_clients(stream);
}

}  // namespace tokenyard::fleet
