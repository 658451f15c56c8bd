// SPDX-License-Identifier: Apache-2.0
#include "fleet/simulation.hpp"

#include <utility>

namespace tokenyard::fleet {
namespace {

constexpr std::int64_t events_between_progress = 1 << 14;

}  // namespace

Simulation::Pool::Pool(PoolInput&& input, const Place& place, RandomStream draws)
    : id(place.id),
      router(std::move(input.router)),
      wants(router->wants()),
      names_blocks(input.engine->prefix_cache),
      loads(input.replicas, router->measure(), place.delay),
      stream(draws),
      first(place.first),
      hand_over(input.hand_over),
      cold_start(input.cold_start),
      nodes(std::move(input.nodes)),
      standing(std::move(input.standing)),
      plan{input.limits, input.batcher, input.time, nullptr, input.engine},
      sequences(input.limits.sequences * input.engine->ranks) {
  plan.gaps = input.gaps;
  plan.log = input.log;
  if (hand_over) plan.hand_over = hand_over->rules;
  if (input.autoscale) autoscaler.emplace(*input.autoscale);
  if (input.store) store.emplace(*input.store);
}

Simulation::Simulation(Input input)
    : observer_(input.observer),
      until_(input.until),
      observe_every_(input.observe_every),
      ids_(input.ids),
      transfers_(input.transfers),
      slos_(std::move(input.slos)),
      between_(std::move(input.between)),
      between_stream_(input.seed, input.replication, "router/between pools"),
      network_(std::move(input.network)),
      admission_(input.admission),
      faults_(std::move(input.faults)) {
  SIM_EXPECT(observer_ != nullptr && !input.pools.empty());
  open_pools(input);
  open_streams(input);
  totals_.work.assign(pools_.size(), std::vector<Work>(streams_.size()));
  totals_.prevented.resize(streams_.size());
  totals_.loads.resize(streams_.size());
  transfer_step_ = calendar_.open(Role::transfer, 0);
  landing_step_ = open_task(Task::landings);
  open_routes(input);
  open_operations(input);
  if (observe_every_ > Duration(0)) observation_ = calendar_.open(Role::observer, 0);
}

void Simulation::open_pools(Input& input) {
  std::size_t replicas = 0;
  for (const PoolInput& pool : input.pools) replicas += pool.replicas;
  members_.reserve(replicas);
  for (PoolInput& pool : input.pools) {
    const auto id = PoolId(static_cast<std::uint16_t>(pools_.size()));
    keeps_pieces_ =
        keeps_pieces_ || pool.engine->prefix_cache || pool.router->wants() == Router::Wants::pieces;
    SIM_EXPECT(!pool.engine->prefix_cache || !pool.models.empty());
    if (pool.hand_over) {
      const HandOverPlan& plan = *pool.hand_over;
      SIM_EXPECT(plan.rules.move == serving::KvMove::push || plan.reserves());
      SIM_EXPECT(!plan.rules.layerwise() || (!pool.store && pool.engine->stages == 1));
      SIM_EXPECT(pool.hand_over->wire || (transfers_ != nullptr && !pool.nodes.empty()));
    }
    SIM_EXPECT(!pool.cold_start || (transfers_ != nullptr && !pool.nodes.empty()));
    if (pool.store) {  // what is fetched lands in the first tier
      SIM_EXPECT(!pool.engine->offload.empty() && pool.engine->ranks == 1);
      SIM_EXPECT(pool.store->wire || (transfers_ != nullptr && !pool.nodes.empty()));
    }
    const std::size_t count = pool.replicas;
    for (const ModelId model : pool.models) {
      if (pools_of_model_.size() <= index(model)) pools_of_model_.resize(index(model) + 1);
    }
    const std::vector<ModelId> models = pool.models;
    const RandomStream draws(input.seed, input.replication, "router/" + pool.name);
    const Pool::Place place{id, members_.size(), input.routing_delay};
    pools_.push_back(std::make_unique<Pool>(std::move(pool), place, draws));
    for (const ModelId model : models) pools_of_model_[index(model)].push_back(pools_.back().get());
    serving::Replica::Input& plan = pools_.back()->plan;
    plan.store = &store_;
    plan.leaping = input.leaping;
    for (std::size_t i = 0; i < count; ++i) {
      plan.number = static_cast<std::uint32_t>(members_.size());
      members_.push_back({serving::Replica(plan), calendar_.open(Role::replica, plan.number),
                          pools_.back().get()});
    }
  }
  counts_.resize(pools_.size());
  for (const auto& pool : pools_) {
    const bool reserves = pool->hand_over && pool->hand_over->reserves();
    if (pool->cold_start || reserves) mark_special(*pool);
    if (reserves) mark_special(*pools_[pool->hand_over->to]);
  }
}

void Simulation::mark_special(const Pool& pool) {
  for (std::size_t i = 0; i < pool.loads.size(); ++i) members_[pool.first + i].plain = false;
}

void Simulation::open_streams(const Input& input) {
  for (std::size_t i = 0; i < input.streams.size(); ++i) {
    const auto number = static_cast<std::uint32_t>(i);
    traffic::Arrivals* stream = input.streams[i];
    streams_.push_back({stream, calendar_.open(Role::traffic, number), stream->follows()});
    if (i >= input.clients.size() || !input.clients[i].any()) continue;
    streams_.back().clients = std::make_unique<Clients>(input.clients[i]);
    streams_.back().clients_slot = calendar_.open(Role::clients, number);
  }
}

Totals Simulation::run() {
  for (Stream& stream : streams_) expect(stream);
  fetch_weights();
  begin_operations();
  if (observe_every_ > Duration(0)) schedule(observation_, Instant(0), Phase::observe);
  if (transfers_ != nullptr) {
    transfers_->run(*this);
  } else {
    while (next() < Instant::never()) step();
  }
  close();
  check_totals();
  return totals_;
}

Instant Simulation::next() const {
  const Instant date = calendar_.next_date();
  return date <= until_ ? date : Instant::never();
}

void Simulation::step() {
  // Whoever handles an event schedules its next in this place, or takes it off.
  const Event event = calendar_.next();
  SIM_ASSERT(event.date >= now_);
  now_ = event.date;
  // Of arrivals it is known when the next has its date.
  more_now_ = event.role != Role::traffic && calendar_.another_before(now_, Phase::iterate);
  dispatch(event);
  if (++totals_.events % events_between_progress == 0) {
    observer_->progress(now_, totals_.arrived - static_cast<std::int64_t>(store_.size()));
  }
}

void Simulation::dispatch(const Event& event) {
  switch (event.role) {
    case Role::replica:
      if (event.phase == Phase::iteration_end) {
        finish_iterations(event.entity);
      } else {
        if (!cancelling_.empty()) take_out_cancelled(members_[event.entity]);
        begin(members_[event.entity]);
      }
      return;
    case Role::traffic:
      arrive(streams_[event.entity]);
      return;
    case Role::clients:
      act_for_clients(streams_[event.entity]);
      return;
    case Role::transfer:
      move_transfers();
      return;
    case Role::fleet:
      return do_task(event.entity);
    case Role::observer:
      observe();
      return;
  }
}

void Simulation::do_task(std::uint32_t number) {
  switch (static_cast<Task>(std::min(number, static_cast<std::uint32_t>(Task::scaling)))) {
    case Task::landings:
      return grant_landings();
    case Task::faults:
      return act_on_faults();
    case Task::travel:
      return move_travellers();
    case Task::drained:
      return end_drained();
    case Task::duties:
      return do_duties();
    case Task::maintenance:
      return maintain();
    case Task::gate:
      return open_gate();
    case Task::scaling:
      return look(*pools_[number - static_cast<std::uint32_t>(Task::scaling)]);
  }
}

// Schedules the next arrival of a stream.
void Simulation::expect(Stream& stream) {
  const Instant date = stream.arrivals->date();
  if (date == Instant::never()) return calendar_.cancel(stream.slot);
  SIM_ENSURE(date >= now_);
  schedule(stream.slot, date, Phase::arrive);
}

void Simulation::arrive(Stream& stream) {
  const serving::Slot slot = store_.add();
  serving::InFlight& r = store_[slot];
  stream.arrivals->take(r.request);
  SIM_ENSURE(r.request.arrival == now_);
  if (keeps_pieces_) {
    const auto pieces = stream.arrivals->pieces();
    store_.extra(slot).pieces.assign(pieces.begin(), pieces.end());
  }
  if (ids_ == Ids::by_arrival) {
    r.request.id = RequestId(static_cast<std::uint64_t>(totals_.arrived));
  }
  expect(stream);  // before anything starts, so that arrivals of one date are all seen first
  more_now_ = calendar_.next_before(now_, Phase::iterate);
  ++totals_.arrived;
  totals_.prompt_arrived += r.request.prompt;
  requests_seconds_.add(static_cast<double>(store_.size() - 1) * (now_ - in_flight_since_).value());
  in_flight_since_ = now_;

  attempt(slot);
}

// A request comes to the fleet, for the first time or again.
void Simulation::attempt(serving::Slot slot) {
  serving::InFlight& r = store_[slot];
  Stream& stream = streams_[index(r.request.tenant)];
  Load& load = totals_.loads[index(r.request.tenant)];
  load.offered.add(r.request);
  if (stream.clients && !stream.clients->quota().could(r.request)) {
    return end_request(slot, results::Status::rejected);  // it would never be admitted
  }
  if (stream.clients && !stream.clients->quota().reserve(r.request, now_)) {
    load.throttled.add(r.request);
    return end_attempt(slot, results::Status::throttled);
  }
  if (begins_early_) begin_attempt(slot);
  Pool* pool = entry_pool(r);
  if (pool == nullptr) return end_attempt(slot, results::Status::failed);
  if (admission_.any() && held_back(slot, *pool)) return;
  depart(slot, *pool);
}

// A request has come to the pool that it was sent to.
void Simulation::enter(serving::Slot slot, Pool& pool) {
  serving::InFlight& r = store_[slot];
  r.pool = pool.id;
  Member* member = choose(pool, slot);
  if (member == nullptr) return end_attempt(slot, results::Status::failed);
  r.replica = id_of(*member);
  if (!can_serve(pool, r.request)) return end_attempt(slot, results::Status::rejected);
  bool waits = pool.store && fetch(slot, *member);
  if (pool.hand_over && reserves_first(slot, pool)) {
    Member* to = choose(*pools_[pool.hand_over->to], slot);
    if (to == nullptr) return end_attempt(slot, results::Status::failed);
    reserve_first(slot, *member, *to);
    waits = true;
  }
  if (!waits && !member->replica.offer(slot)) return end_attempt(slot, results::Status::dropped);
  load(*member, r.request, 1);
  r.placed = true;
  if (!begins_early_) begin_attempt(slot);
  if (!waits) queued(slot, *member);
}

// The client waits from now on.
void Simulation::begin_attempt(serving::Slot slot) {
  serving::InFlight& r = store_[slot];
  Stream& stream = streams_[index(r.request.tenant)];
  if (!stream.clients) return;
  stream.clients->begin(r, slot, now_);
  expect_clients(stream);
}

// What a request waited for before its replica may have it is there.
void Simulation::queue(serving::Slot slot, Member& member) {
  if (member.replica.offer(slot)) return queued(slot, member);
  abandon(slot);
  load(member, store_[slot].request, -1);
  end_attempt(slot, results::Status::dropped);
}

// Null if the router knows of none that is open, or the one that it picks is not any more.
Simulation::Member* Simulation::choose(Pool& pool, serving::Slot slot) {
  const LoadIndex& known = pool.loads.at(now_);
  if (known.opened() == 0) return nullptr;
  PoolView view(known, pool.stream, prompt_of(pool, slot));
  const std::size_t choice = pool.router->choose(store_[slot].request, view);
  SIM_ENSURE(choice < known.size() && known.is_open(choice));
  Member& member = members_[pool.first + choice];
  return member.duty == Duty::serving ? &member : nullptr;
}

Prompt Simulation::prompt_of(const Pool& pool, serving::Slot slot) {
  switch (pool.wants) {
    case Router::Wants::nothing:
      return {};
    case Router::Wants::pieces:
      return {store_.extra(slot).pieces, {}};
    case Router::Wants::blocks:
      if (!pool.names_blocks) return {};
      // Names are alike at all replicas; what a cache has of them now is not asked.
      return {{}, members_[pool.first].replica.prefix_of(slot).names};
  }
  return {};
}

// A request comes to a replica (sign 1) or leaves it (-1).
void Simulation::load(Member& member, const traffic::Request& request, int sign) {
  load(member, request.prompt + request.max_tokens, sign);
}

void Simulation::load(Member& member, Tokens tokens, int sign) {
  Pool& pool = *member.pool;
  const std::size_t number = index(id_of(member)) - pool.first;
  pool.loads.add(number, sign, tokens, now_);
  if (pool.afar) pool.afar->add(number, sign, tokens, now_);
  member.requests += static_cast<std::uint32_t>(sign);
  pool.requests += sign;
  if (sign > 0) return;
  if (member.duty == Duty::draining && member.requests == 0) expect_drained();
  if (!held_back_.empty()) schedule(gate_step_, now_, Phase::control);
}

// Whether the replicas of a pool, which are all alike, and of the one it hands over to could.
bool Simulation::can_serve(const Pool& pool, const traffic::Request& request) const {
  if (!members_[pool.first].replica.can_serve(request)) return false;
  if (!pool.hand_over) return true;
  const bool ends_there = pool.hand_over->rules.first_token == serving::FirstToken::prefill &&
                          request.output == Tokens(1);
  return ends_there || members_[pools_[pool.hand_over->to]->first].replica.can_serve(request);
}

// A request was queued at the replica.
void Simulation::queued(serving::Slot slot, Member& member) {
  if (member.replica.idle()) {
    begin(member);
  } else {
    schedule(member.slot, member.replica.cut(slot, now_), Phase::iteration_end);
  }
}

void Simulation::schedule(Calendar::Slot slot, Instant date, Phase phase) {
  if (date == now_ && phase < Phase::iterate) more_now_ = true;
  calendar_.schedule(slot, date, phase);
}

void Simulation::begin(Member& member) {
  // Iterations start when all else of this date is done. Nothing else is left in most cases, and
  // then the detour through the calendar is spared.
  const bool loses = !cancelling_.empty() && has_cancelled(member);
  if (more_now_ || loses || kv_transfers_.next_date() == now_) {
    return schedule(member.slot, now_, Phase::iterate);
  }
  if (!member.plain && now_ < member.warm) return wait_for_weights(member);
  const Instant end = member.replica.start(now_);
  if (end < Instant::never()) {
    schedule(member.slot, end, Phase::iteration_end);
  } else {
    calendar_.cancel(member.slot);
  }
  if (!member.plain) begun(member, end);
}

// What few pools do once a replica has begun, or found nothing to do.
void Simulation::begun(Member& member, Instant end) {
  const auto& plan = member.pool->hand_over;
  if (end < Instant::never() && plan && plan->rules.layerwise()) send_chunks(member, end);
  if (!member.landings.empty()) expect_grants(member);
}

void Simulation::finish_iterations(std::uint32_t replica) {
  Member& member = members_[replica];
  member.replica.end(now_);
  for (;;) {
    const serving::Slot slot = member.replica.next_leaving(now_);
    if (slot == serving::no_slot) break;
    load(member, store_[slot].request, -1);
    if (member.pool->store) put(slot, member);
    if (store_[slot].cancelled) {
      leave_cancelled(slot, member);
    } else if (store_[slot].emitted == store_[slot].request.output) {
      end_attempt(slot, results::Status::ok);
    } else {
      hand_over(slot, member);
    }
  }
  begin(member);
}

ReplicaId Simulation::id_of(const Member& member) const {
  return ReplicaId(static_cast<std::uint32_t>(&member - members_.data()));
}

network::NodeRange Simulation::nodes_of(const Member& member) const {
  return member.pool->nodes[index(id_of(member)) - member.pool->first];
}

}  // namespace tokenyard::fleet
