// SPDX-License-Identifier: Apache-2.0
// Replicas that are added, drained, taken away and maintained.
#include <algorithm>

#include "fleet/simulation.hpp"

namespace tokenyard::fleet {

Calendar::Slot Simulation::open_task(Task task, std::uint32_t number) {
  return calendar_.open(Role::fleet, static_cast<std::uint32_t>(task) + number);
}

void Simulation::open_operations(const Input& input) {
  drained_step_ = open_task(Task::drained);
  duties_step_ = open_task(Task::duties);
  faults_step_ = open_task(Task::faults);
  maintenance_step_ = open_task(Task::maintenance);
  for (const MaintenancePlan& plan : input.maintenance) crews_.emplace_back(plan);
  operated_ = !crews_.empty() || faults_.next() < Instant::never();
  for (std::size_t i = 0; i < pools_.size(); ++i) {
    Pool& pool = *pools_[i];
    pool.serving = static_cast<std::int64_t>(pool.loads.size());
    const std::size_t initial = input.pools[i].initial;
    for (std::size_t k = initial; initial > 0 && k < pool.loads.size(); ++k) {
      turn_to(members_[pool.first + k], Duty::off);
    }
    if (!pool.autoscaler) continue;
    operated_ = learns_ = true;
    pool.scaling_slot = open_task(Task::scaling, static_cast<std::uint32_t>(i));
  }
}

void Simulation::begin_operations() {
  if (over()) return stop_operations();
  expect_faults();
  expect_maintenance();
  for (const auto& pool : pools_) {
    if (pool->autoscaler) expect_look(*pool);
  }
}

// Nothing is left to serve, and nothing will come; a run of a given length goes on to its end.
bool Simulation::over() const {
  return until_ == Instant::never() && store_.size() == 0 &&
         std::all_of(streams_.begin(), streams_.end(), [](const Stream& stream) {
           return stream.arrivals->date() == Instant::never();
         });
}

// So that a run ends with its last request.
void Simulation::stop_operations() {
  operates_ = false;
  for (const Calendar::Slot slot : {duties_step_, faults_step_, maintenance_step_}) {
    calendar_.cancel(slot);
  }
  for (const auto& pool : pools_) {
    if (pool->autoscaler) calendar_.cancel(pool->scaling_slot);
  }
}

// Requests come to those that serve, and to no others.
void Simulation::turn_to(Member& member, Duty duty) {
  Pool& pool = *member.pool;
  pool.before.duties[member.duty] += now_ - member.since;
  member.since = now_;
  ++member.turn;
  const bool was_open = member.duty == Duty::serving;
  const bool is_open = duty == Duty::serving;
  member.duty = duty;
  if (was_open == is_open) return;
  pool.serving += is_open ? 1 : -1;
  const std::size_t number = index(id_of(member)) - pool.first;
  for (LoadBoard* board : {&pool.loads, pool.afar ? &*pool.afar : nullptr}) {
    if (board == nullptr) continue;
    if (is_open) {
      board->open(number, now_);
    } else {
      board->close(number, now_);
    }
  }
  if (is_open && !held_back_.empty()) schedule(gate_step_, now_, Phase::control);
}

// The next step of the duty that the replica has now.
void Simulation::expect_step(Member& member, Instant date) {
  if (!operates_) return;
  duty_steps_.push({date, number_of(member), member.turn});
  schedule(duties_step_, duty_steps_.top().date, Phase::control);
}

void Simulation::do_duties() {
  while (!duty_steps_.empty() && duty_steps_.top().date <= now_) {
    const DutyStep step = duty_steps_.top();
    duty_steps_.pop();
    Member& member = members_[step.replica];
    if (member.turn == step.turn) take_step(member);
  }
  if (duty_steps_.empty() || !operates_) return calendar_.cancel(duties_step_);
  schedule(duties_step_, duty_steps_.top().date, Phase::control);
}

void Simulation::take_step(Member& member) {
  switch (member.duty) {
    case Duty::provisioning:
      if (member.pool->frozen > 0) {
        member.pool->deferred.push_back({now_, number_of(member), member.turn});
        return;
      }
      turn_to(member, Duty::loading);
      return restart(member);
    case Duty::loading:
    case Duty::failed:
      return serve(member);
    case Duty::draining:  // patience is at its end
      clear(member);
      return go_away(member);
    case Duty::away:
      return return_to_work(member);
    default:
      SIM_ENSURE(false);
  }
}

// A replica whose nodes work gets its weights, starts up, and serves.
void Simulation::restart(Member& member) {
  if (!member.pool->cold_start) return serve(member);
  fetch_weights(member);
}

void Simulation::serve(Member& member) {
  PoolCounts& counts = member.pool->before;
  if (member.duty == Duty::failed) {
    const Duration took = now_ - member.failed;
    ++counts.recoveries;
    counts.recovering += took;
    counts.longest_recovery = std::max(counts.longest_recovery, took);
  }
  member.warm = Instant(0);
  turn_to(member, Duty::serving);
}

// No new requests; what is there is finished.
void Simulation::drain(Member& member, bool unwanted) {
  turn_to(member, Duty::draining);
  member.unwanted = unwanted;
  draining_.push_back(number_of(member));
  expect_drained();
}

void Simulation::expect_drained() { schedule(drained_step_, now_, Phase::control); }

void Simulation::end_drained() {
  calendar_.cancel(drained_step_);
  std::vector<std::uint32_t> still;
  std::vector<std::uint32_t> all;
  all.swap(draining_);
  for (const std::uint32_t number : all) {
    Member& member = members_[number];
    if (member.duty != Duty::draining) continue;
    if (member.requests > 0 || member.held > 0) {
      still.push_back(number);
    } else if (member.unwanted) {
      remake(member);
      member.unwanted = false;
      turn_to(member, Duty::off);
    } else {
      remake(member);
      go_away(member);
    }
  }
  draining_.insert(draining_.end(), still.begin(), still.end());
}

void Simulation::look(Pool& pool) {
  ScalingView view;
  view.sequences = pool.sequences;
  view.requests = pool.requests;
  view.judged = std::exchange(pool.judged, 0);
  view.met = std::exchange(pool.met, 0);
  for (std::size_t i = 0; i < pool.loads.size(); ++i) {
    const Member& member = members_[pool.first + i];
    const bool present = member.duty == Duty::serving || member.duty == Duty::loading ||
                         member.duty == Duty::provisioning;
    view.present += present ? 1 : 0;
    if (member.requests > 0) view.waiting += member.replica.waiting();
  }
  if (pool.frozen == 0) scale(pool, pool.autoscaler->decide(view, now_), view.present);
  if (!operates_) return calendar_.cancel(pool.scaling_slot);
  expect_look(pool);
}

void Simulation::expect_look(Pool& pool) {
  ++pool.looks;
  const double every = pool.autoscaler->plan().every.value();
  schedule(pool.scaling_slot, Instant(static_cast<double>(pool.looks) * every), Phase::control);
}

void Simulation::scale(Pool& pool, std::int64_t wanted, std::int64_t present) {
  if (wanted > present) pool.before.scaled += add_replicas(pool, wanted - present);
  if (wanted < present) pool.before.scaled += take_away(pool, present - wanted);
}

// First those that are not gone yet; then those whose nodes are not broken, the first first.
std::int64_t Simulation::add_replicas(Pool& pool, std::int64_t more) {
  std::int64_t added = 0;
  for (const Duty duty : {Duty::draining, Duty::off}) {
    for (std::size_t i = 0; i < pool.loads.size() && added < more; ++i) {
      Member& member = members_[pool.first + i];
      if (member.duty != duty || member.broken > 0) continue;
      if (duty == Duty::draining && !member.unwanted) continue;
      ++added;
      member.unwanted = false;
      if (duty == Duty::draining) {
        turn_to(member, Duty::serving);
        continue;
      }
      turn_to(member, Duty::provisioning);
      expect_step(member, now_ + pool.autoscaler->plan().provisioning);
    }
  }
  return added;
}

// First those that do not serve yet; the last first.
std::int64_t Simulation::take_away(Pool& pool, std::int64_t fewer) {
  std::int64_t taken = 0;
  for (const Duty duty : {Duty::provisioning, Duty::loading, Duty::serving}) {
    for (std::size_t i = pool.loads.size(); i > 0 && taken < fewer; --i) {
      Member& member = members_[pool.first + i - 1];
      if (member.duty != duty) continue;
      ++taken;
      if (duty == Duty::serving) {
        drain(member, true);
      } else {
        stop_start(member);
        turn_to(member, Duty::off);
      }
    }
  }
  return taken;
}

void Simulation::expect_maintenance() {
  Instant next = Instant::never();
  for (const MaintenanceCrew& crew : crews_) next = std::min(next, crew.next());
  if (next == Instant::never() || !operates_) return calendar_.cancel(maintenance_step_);
  schedule(maintenance_step_, std::max(next, now_), Phase::control);
}

void Simulation::maintain() {
  for (std::size_t i = 0; i < crews_.size(); ++i) {
    MaintenanceCrew& crew = crews_[i];
    while (crew.next() <= now_) {
      for (const std::uint32_t replica : crew.begin(now_)) {
        Member& member = members_[replica];
        if (member.duty != Duty::serving) {  // nothing to be maintained, or nobody's to do now
          crew.returned(replica, now_);
          continue;
        }
        member.crew = static_cast<std::uint16_t>(i);
        drain(member, false);
        const Instant patient_until = now_ + crew.plan().patience;
        if (patient_until < Instant::never()) expect_step(member, patient_until);
      }
    }
  }
  expect_maintenance();
}

void Simulation::go_away(Member& member) {
  turn_to(member, Duty::away);
  expect_step(member, now_ + crews_[member.crew].plan().takes);
}

void Simulation::leave_crew(Member& member) {
  crews_[member.crew].returned(number_of(member), now_);
  expect_maintenance();
}

void Simulation::return_to_work(Member& member) {
  leave_crew(member);
  if (member.broken > 0) {
    member.failed = now_;
    return turn_to(member, Duty::failed);
  }
  turn_to(member, Duty::loading);
  restart(member);
}

}  // namespace tokenyard::fleet
