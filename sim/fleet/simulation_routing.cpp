// SPDX-License-Identifier: Apache-2.0
// Requests on their way from clients to pools: which pool, when they may go, how long it takes.
#include <algorithm>
#include <cmath>

#include "fleet/simulation.hpp"
#include "fleet/slo.hpp"

namespace tokenyard::fleet {
namespace {

bool is_tier(const traffic::Request& request, traffic::Tier tier) {
  return request.tier == static_cast<std::uint8_t>(tier);
}

}  // namespace

void Simulation::open_routes(Input& input) {
  routes_by_tenant_ = !input.routes.empty();
  if (routes_by_tenant_) {
    SIM_EXPECT(input.routes.size() == streams_.size());
    for (TenantRoutes& tenant : input.routes) {
      Route& route = routes_.emplace_back();
      for (const std::size_t pool : tenant.all) route.all.push_back(pools_[pool].get());
      route.allowed = std::move(tenant.allowed);
    }
  } else {
    for (const std::vector<Pool*>& pools : pools_of_model_) {
      Route& route = routes_.emplace_back();
      route.all = pools;
      route.allowed.emplace_back();
      for (const Pool* pool : pools) route.allowed[0].preferred.push_back(index(pool->id));
    }
  }
  for (Route& route : routes_) {
    for (const Allowed& allowed : route.allowed) {
      const std::size_t count = allowed.preferred.size() + allowed.others.size();
      route.bound = route.bound || count < route.all.size();
    }
    if (route.all.size() == 1 && !route.bound) route.only = route.all.front();
    routed_ = routed_ || route.all.size() > 1;
  }
  SIM_EXPECT(!routed_ || between_ != nullptr);
  if (routed_ && input.between_delay != input.routing_delay) {
    for (const auto& pool : pools_) {
      pool->afar.emplace(pool->loads.size(), LoadMeasure::requests, input.between_delay);
    }
  }
  learns_ = routed_;
  begins_early_ = network_.any() || admission_.any();
  if (network_.any()) travel_step_ = open_task(Task::travel);
  if (!admission_.any()) return;
  held_back_.resize(pools_of_model_.size());
  gate_step_ = open_task(Task::gate);
}

Simulation::Route& Simulation::route_of(const serving::InFlight& r) {
  const std::size_t number = routes_by_tenant_ ? index(r.request.tenant) : index(r.request.model);
  Route& route = routes_[number];
  while (route.at + 1 < route.allowed.size() && route.allowed[route.at + 1].from <= now_) {
    ++route.at;
  }
  return route;
}

LoadBoard& Simulation::known_of(Pool& pool) { return pool.afar ? *pool.afar : pool.loads; }

// As far as routers know, some replica takes requests, there and where it hands over to.
bool Simulation::up(Pool& pool) {
  if (known_of(pool).at(now_).opened() == 0) return false;
  return !pool.hand_over || up(*pools_[pool.hand_over->to]);
}

PoolState Simulation::state_of(Pool& pool, std::uint16_t origin) {
  constexpr double hour_s = 3600;
  PoolState state;
  state.up = true;
  LoadBoard& known = known_of(pool);
  const auto open = static_cast<double>(known.at(now_).opened());
  state.requests = static_cast<double>(known.requests() + pool.travelling);
  state.tokens = static_cast<double>(known.tokens().value());
  state.sequences = open * static_cast<double>(pool.sequences);
  state.network = network_.one_way(origin, index(pool.id)) * 2;
  state.ttft = pool.ttft.mean(now_);
  state.tpot = pool.tpot.mean(now_);
  state.usd_per_million_tokens = pool.standing.usd_per_million_tokens;
  const auto hour = static_cast<std::size_t>((pool.standing.carbon_start + (now_ - Instant(0))) /
                                             Duration(hour_s));
  const std::vector<double>& hours = pool.standing.carbon_g_per_kwh;
  state.carbon_g_per_kwh = hours[hour % hours.size()];
  state.weight = pool.standing.weight;
  state.rank = pool.standing.rank;
  return state;
}

// Of those that are up and can serve the request; null if there is none.
Simulation::Pool* Simulation::pick(const std::vector<Pool*>& pools, const serving::InFlight& r) {
  choices_.clear();
  for (Pool* pool : pools) {
    if (up(*pool) && can_serve(*pool, r.request)) choices_.push_back(pool);
  }
  if (choices_.size() <= 1) return choices_.empty() ? nullptr : choices_.front();
  states_.clear();
  for (Pool* pool : choices_) states_.push_back(state_of(*pool, r.request.origin));
  static const traffic::Slo none;
  const std::size_t number = index(r.request.slo_class);
  const traffic::Slo& slo = number < slos_.size() ? slos_[number] : none;
  const std::size_t choice = between_->choose(r.request, slo, states_, between_stream_);
  SIM_ENSURE(choice < choices_.size());
  return choices_[choice];
}

Simulation::Pool* Simulation::pick(const std::vector<std::size_t>& pools,
                                   const serving::InFlight& r) {
  std::vector<Pool*>& some = some_;
  some.clear();
  for (const std::size_t pool : pools) some.push_back(pools_[pool].get());
  return pick(some, r);
}

// Where a request goes now: null if all that may serve it are down. One that is too large for all
// of them is for the first to reject.
Simulation::Pool* Simulation::entry_pool(const serving::InFlight& r) {
  Route& route = route_of(r);
  if (route.only != nullptr) return up(*route.only) ? route.only : nullptr;
  const Allowed& allowed = route.allowed[route.at];
  if (route.bound) {
    const Pool* wished = pick(route.all, r);
    const auto has = [&](const std::vector<std::size_t>& pools) {
      return std::find(pools.begin(), pools.end(), index(wished->id)) != pools.end();
    };
    if (wished != nullptr && !has(allowed.preferred) && !has(allowed.others)) {
      ++totals_.prevented[index(r.request.tenant)];
    }
  }
  for (const auto* pools : {&allowed.preferred, &allowed.others}) {
    if (Pool* pool = pick(*pools, r)) return pool;
  }
  for (const auto* pools : {&allowed.preferred, &allowed.others}) {
    for (const std::size_t number : *pools) {
      Pool& pool = *pools_[number];
      if (up(pool) && !can_serve(pool, r.request)) return &pool;
    }
  }
  return nullptr;
}

// Requests of a pool, over the sequences that its open replicas may run.
double Simulation::fullness(const Pool& pool) const {
  const auto room = static_cast<double>(pool.serving) * static_cast<double>(pool.sequences);
  return static_cast<double>(pool.requests) / room;
}

// Whether a request of a low tier may not enter now: then it waits, or has been refused.
bool Simulation::held_back(serving::Slot slot, const Pool& pool) {
  serving::InFlight& r = store_[slot];
  if (is_tier(r.request, traffic::Tier::flex) && fullness(pool) >= admission_.flex_below) {
    Stream& stream = streams_[index(r.request.tenant)];
    if (stream.clients) stream.clients->quota().settle(r.request, Tokens(0), now_);
    totals_.loads[index(r.request.tenant)].throttled.add(r.request);
    end_attempt(slot, results::Status::throttled);
    return true;
  }
  if (!is_tier(r.request, traffic::Tier::batch)) return false;
  const HeldBack::Entry entry{deadline_of(r), r.request.id, slot};
  HeldBack& held = held_back_[index(r.request.model)];
  // Nobody overtakes one that waits.
  if (held.empty() && fullness(pool) < admission_.batch_below) return false;
  if (now_ + admission_.batch_at_latest >= entry.deadline) return false;
  r.held_back = true;
  held.add(entry);
  schedule(gate_step_, now_, Phase::control);
  return true;
}

// Of a request of the batch tier: its clients want the whole answer by then.
Instant Simulation::deadline_of(const serving::InFlight& r) const {
  const std::size_t number = index(r.request.slo_class);
  if (number >= slos_.size()) return Instant::never();
  return r.request.arrival + slos_[number].end_to_end;
}

void Simulation::open_gate() {
  more_now_ = true;  // several may enter, and none starts before all have
  Instant next = Instant::never();
  for (HeldBack& held : held_back_) {
    while (!held.empty() && let_in(held)) {
    }
    if (held.empty()) continue;
    const Instant deadline = held.first().deadline;
    if (deadline < Instant::never()) {
      const Instant latest(deadline.value() - admission_.batch_at_latest.value());
      if (latest > now_) next = std::min(next, latest);
    }
  }
  if (next < Instant::never()) return schedule(gate_step_, next, Phase::control);
  calendar_.cancel(gate_step_);
}

// The first of those held back enters, if there is room or time presses. Whether it left.
bool Simulation::let_in(HeldBack& held) {
  const HeldBack::Entry entry = held.first();
  serving::InFlight& r = store_[entry.slot];
  Pool* pool = entry_pool(r);
  const bool presses = now_ + admission_.batch_at_latest >= entry.deadline;
  if (!presses && (pool == nullptr || fullness(*pool) >= admission_.batch_below)) return false;
  held.remove(entry);
  r.held_back = false;
  if (pool == nullptr) {
    end_attempt(entry.slot, results::Status::failed);
  } else {
    depart(entry.slot, *pool);
  }
  return true;
}

// A request leaves its client, or the gate, for a pool.
void Simulation::depart(serving::Slot slot, Pool& pool) {
  serving::InFlight& r = store_[slot];
  r.entry = pool.id;
  totals_.loads[index(r.request.tenant)].admitted.add(r.request);
  if (!network_.any()) return enter(slot, pool);
  const Duration way = network_.one_way(r.request.origin, index(pool.id));
  r.travelling = true;
  under_way(pool, 1);
  travellers_.push({{now_ + way, r.request.id, slot, r.attempt}, &pool});
  schedule(travel_step_, travellers_.top().request.date, Phase::arrive);
}

void Simulation::under_way(Pool& pool, std::int64_t sign) {
  pool.requests += sign;
  pool.travelling += sign;
}

// One at a time: the next is expected before anything starts, so that all of one date are seen.
void Simulation::move_travellers() {
  const Traveller traveller = travellers_.top();
  travellers_.pop();
  if (travellers_.empty()) {
    calendar_.cancel(travel_step_);
  } else {
    schedule(travel_step_, travellers_.top().request.date, Phase::arrive);
  }
  serving::InFlight& r = store_[traveller.request.slot];
  if (!traveller.request.is(r) || !r.travelling) return;  // its client gave up
  r.travelling = false;
  under_way(*traveller.pool, -1);
  enter(traveller.request.slot, *traveller.pool);
}

// The client of a request has gone that is not at a replica yet.
void Simulation::turn_back(serving::Slot slot) {
  serving::InFlight& r = store_[slot];
  if (r.travelling) {
    r.travelling = false;
    under_way(*pools_[index(r.entry)], -1);
  } else {
    r.held_back = false;
    held_back_[index(r.request.model)].remove({deadline_of(r), r.request.id, slot});
  }
  end_attempt(slot, results::Status::timed_out);
}

// From the region that served a request, or refused it, to its client.
Duration Simulation::way_back(const serving::InFlight& r) const {
  if (!network_.any() || r.entry == no_pool) return Duration(0);
  return network_.one_way(r.request.origin, index(r.entry));
}

// What routers and autoscalers go by.
void Simulation::learn(const serving::InFlight& r, const results::RequestRecord& record) {
  Pool& pool = *pools_[index(r.entry)];
  pool.ttft.add(Duration(record.time_to_first_token_s - record.network_s), now_);
  if (!std::isnan(record.time_per_output_token_s)) {
    pool.tpot.add(Duration(record.time_per_output_token_s), now_);
  }
  const std::size_t number = index(record.slo_class);
  const bool met = number >= slos_.size() || meets(record, slos_[number]);
  for (Pool* p : {&pool, pool.hand_over ? pools_[pool.hand_over->to].get() : nullptr}) {
    if (p == nullptr) continue;
    ++p->judged;
    p->met += met ? 1 : 0;
  }
}

}  // namespace tokenyard::fleet
