// SPDX-License-Identifier: Apache-2.0
#include "fleet/simulation.hpp"

#include <cmath>
#include <limits>
#include <utility>

namespace tokenyard::fleet {
namespace {

constexpr std::int64_t events_between_progress = 1 << 14;

bool agree(double a, double b) {
  const double scale = std::max(std::abs(a), std::abs(b));
  return std::abs(a - b) <= 1e-9 * scale + 1e-9;
}

results::RequestRecord record_of(const serving::InFlight& r) {
  results::RequestRecord record;
  record.id = r.request.id;
  record.tenant = r.request.tenant;
  record.model = r.request.model;
  record.api_class = r.request.api_class;
  record.tier = r.request.tier;
  record.origin = r.request.origin;
  record.slo_class = r.request.slo_class;
  record.priority = r.request.priority;
  record.pool = r.pool;
  record.replica = r.replica;
  record.arrival = r.request.arrival;
  record.prompt = r.request.prompt;
  record.max_tokens = r.request.max_tokens;
  record.preemptions = r.preemptions;
  return record;
}

void fill_times(results::RequestRecord& record, const serving::InFlight& r, Instant now) {
  record.end_to_end_s = (now - r.request.arrival).value();
  if (r.request.output > Tokens(1)) {
    record.time_per_output_token_s =
        (now - r.first_token).value() / static_cast<double>(r.request.output.value() - 1);
  }
}

}  // namespace

Simulation::Pool::Pool(PoolInput&& input, PoolId pool, std::size_t first_replica,
                       std::uint64_t seed)
    : id(pool),
      router(std::move(input.router)),
      loads(input.replicas),
      stream(seed, 0, "router/" + input.name),
      first(first_replica),
      hand_over(input.hand_over),
      nodes(std::move(input.nodes)) {}

Simulation::Simulation(Input input)
    : observer_(input.observer),
      until_(input.until),
      observe_every_(input.observe_every),
      ids_(input.ids),
      transfers_(input.transfers) {
  SIM_EXPECT(observer_ != nullptr && !input.pools.empty());
  open_pools(input);
  open_streams(input);
  transfer_step_ = calendar_.open(Role::transfer, 0);
  if (observe_every_ > Duration(0)) observation_ = calendar_.open(Role::observer, 0);
}

void Simulation::open_pools(Input& input) {
  std::size_t replicas = 0;
  for (const PoolInput& pool : input.pools) replicas += pool.replicas;
  members_.reserve(replicas);
  for (PoolInput& pool : input.pools) {
    const auto id = PoolId(static_cast<std::uint16_t>(pools_.size()));
    serving::Replica::Input replica{pool.limits, pool.batcher, pool.time, &store_};
    replica.leaping = input.leaping;
    replica.gaps = pool.gaps;
    replica.log = pool.log;
    if (pool.hand_over) {
      SIM_EXPECT(pool.hand_over->wire || (transfers_ != nullptr && !pool.nodes.empty()));
      replica.hand_over = pool.hand_over->rules;
    }
    const std::size_t count = pool.replicas;
    for (const ModelId model : pool.models) {
      if (pools_of_model_.size() <= index(model)) pools_of_model_.resize(index(model) + 1);
    }
    const std::vector<ModelId> models = pool.models;
    pools_.push_back(std::make_unique<Pool>(std::move(pool), id, members_.size(), input.seed));
    for (const ModelId model : models) pools_of_model_[index(model)].push_back(pools_.back().get());
    for (std::size_t i = 0; i < count; ++i) {
      const auto number = static_cast<std::uint32_t>(members_.size());
      replica.number = number;
      members_.push_back(
          {serving::Replica(replica), calendar_.open(Role::replica, number), pools_.back().get()});
    }
  }
  counts_.resize(pools_.size());
}

void Simulation::open_streams(const Input& input) {
  for (std::size_t i = 0; i < input.streams.size(); ++i) {
    const auto number = static_cast<std::uint32_t>(i);
    streams_.push_back({input.streams[i], calendar_.open(Role::traffic, number), {}});
  }
}

Totals Simulation::run() {
  for (Stream& stream : streams_) draw_next(stream);
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
  more_now_ = calendar_.another_before(now_, Phase::iterate);
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
        begin(members_[event.entity]);
      }
      return;
    case Role::traffic:
      arrive(streams_[event.entity]);
      return;
    case Role::transfer:
      move_transfers();
      return;
    case Role::observer:
      observe();
      return;
    default:
      SIM_ASSERT(event.role == Role::replica);  // nobody plays the others yet
  }
}

void Simulation::draw_next(Stream& stream) {
  const Instant last = stream.next.arrival;
  stream.waiting_for_end = !stream.arrivals->next(stream.next);
  if (stream.waiting_for_end) return calendar_.cancel(stream.slot);
  SIM_ENSURE(stream.next.arrival >= last && stream.next.arrival >= now_);
  schedule(stream.slot, stream.next.arrival, Phase::arrive);
}

void Simulation::arrive(Stream& stream) {
  if (ids_ == Ids::by_arrival) {
    stream.next.id = RequestId(static_cast<std::uint64_t>(totals_.arrived));
  }
  const serving::Slot slot = store_.add(stream.next);
  draw_next(stream);  // before anything starts, so that arrivals of one date are all seen first
  serving::InFlight& r = store_[slot];
  ++totals_.arrived;
  totals_.prompt_arrived += r.request.prompt;
  requests_seconds_.add(static_cast<double>(store_.size() - 1) * (now_ - in_flight_since_).value());
  in_flight_since_ = now_;

  Pool& pool = *pools_of_model_[index(r.request.model)].front();
  Member& member = choose(pool, r.request);
  r.pool = pool.id;
  r.replica = id_of(member);
  if (!can_serve(pool, r.request)) return end_request(slot, results::Status::rejected);
  if (!member.replica.offer(slot)) return end_request(slot, results::Status::dropped);
  pool.loads.add(index(r.replica) - pool.first, 1);
  queued(member);
}

Simulation::Member& Simulation::choose(Pool& pool, const traffic::Request& request) {
  PoolView view(pool.loads, pool.stream);
  const std::size_t choice = pool.router->choose(request, view);
  SIM_ENSURE(choice < pool.loads.size());
  return members_[pool.first + choice];
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
void Simulation::queued(Member& member) {
  if (member.replica.idle()) {
    begin(member);
  } else {
    schedule(member.slot, member.replica.cut(now_), Phase::iteration_end);
  }
}

void Simulation::schedule(Calendar::Slot slot, Instant date, Phase phase) {
  if (date == now_ && phase < Phase::iterate) more_now_ = true;
  calendar_.schedule(slot, date, phase);
}

void Simulation::begin(Member& member) {
  // Iterations start when all else of this date is done. Nothing else is left in most cases, and
  // then the detour through the calendar is spared.
  if (more_now_ || kv_transfers_.next_date() == now_) {
    return schedule(member.slot, now_, Phase::iterate);
  }
  const Instant end = member.replica.start(now_);
  if (end < Instant::never()) {
    schedule(member.slot, end, Phase::iteration_end);
  } else {
    calendar_.cancel(member.slot);
  }
}

void Simulation::finish_iterations(std::uint32_t replica) {
  Member& member = members_[replica];
  member.replica.end(now_);
  for (;;) {
    const serving::Slot slot = member.replica.next_leaving(now_);
    if (slot == serving::no_slot) break;
    member.pool->loads.add(replica - member.pool->first, -1);
    if (store_[slot].emitted == store_[slot].request.output) {
      end_request(slot, results::Status::ok);
    } else {
      hand_over(slot, member);
    }
  }
  begin(member);
}

void Simulation::hand_over(serving::Slot slot, Member& from) {
  const serving::InFlight& r = store_[slot];
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

void Simulation::deliver(network::TransferId id) {
  const KvTransfer transfer = kv_transfers_[id];
  kv_transfers_.remove(id);
  observer_->transferred(transfer, now_);
  Member& from = members_[index(transfer.from)];
  Member& to = members_[index(transfer.to)];
  if (from.pool->hand_over->rules.hold_kv) {
    from.replica.release(transfer.slot, now_);
    if (from.replica.idle() && from.replica.waiting() + from.replica.running() > 0) begin(from);
  }
  serving::InFlight& r = store_[transfer.slot];
  r.pool = to.pool->id;
  r.replica = transfer.to;
  to.replica.take_over(transfer.slot);
  queued(to);
}

ReplicaId Simulation::id_of(const Member& member) const {
  return ReplicaId(static_cast<std::uint32_t>(&member - members_.data()));
}

network::NodeRange Simulation::nodes_of(const Member& member) const {
  return member.pool->nodes[index(id_of(member)) - member.pool->first];
}

void Simulation::end_request(serving::Slot slot, results::Status status) {
  const serving::InFlight& r = store_[slot];
  results::RequestRecord record = record_of(r);
  record.status = status;
  record.output = status == results::Status::in_flight
                      ? members_[index(r.replica)].replica.emitted_by(r)
                      : r.emitted;
  if (record.output > Tokens(0)) {
    record.time_to_first_token_s = (r.first_token - r.request.arrival).value();
  }
  if (status == results::Status::ok) fill_times(record, r, now_);
  requests_seconds_.add(static_cast<double>(store_.size()) * (now_ - in_flight_since_).value());
  in_flight_since_ = now_;
  sojourn_seconds_.add((now_ - r.request.arrival).value());
  ++totals_.by_status[static_cast<std::size_t>(status)];
  totals_.prompt_ended += record.prompt;
  totals_.output_ended += record.output;
  const std::size_t tenant = index(r.request.tenant);
  store_.remove(slot);
  observer_->ended(record, now_);
  if (status == results::Status::in_flight) return;
  Stream& stream = streams_[tenant];
  if (stream.arrivals->ended(now_) && stream.waiting_for_end) draw_next(stream);
}

void Simulation::observe() {
  for (PoolCounts& counts : counts_) counts = PoolCounts{};
  for (Member& member : members_) {
    serving::Replica& replica = member.replica;
    replica.observe(now_);
    PoolCounts& counts = counts_[index(member.pool->id)];
    counts.waiting += replica.waiting();
    counts.running += replica.running();
    counts.kv_used += replica.kv().used();
    counts.kv_total += replica.kv().total();
    counts.prefilled += replica.prefilled();
    counts.emitted += replica.emitted();
    counts.busy += replica.busy(now_);
    counts.iterations += replica.iterations();
  }
  observer_->observed(now_, counts_);
  calendar_.cancel(observation_);
  if (calendar_.empty() && kv_transfers_.size() == 0) return;  // nothing will happen any more
  ++observations_;
  schedule(observation_, Instant(static_cast<double>(observations_) * observe_every_.value()),
           Phase::observe);
}

void Simulation::close() {
  if (until_ < Instant::never()) now_ = until_;
  calendar_.cancel_all();
  observe();
  for (Member& member : members_) member.replica.close_gaps();
  for (const serving::Slot slot : store_.in_flight()) {
    end_request(slot, results::Status::in_flight);
  }
  for (const PoolCounts& counts : counts_) {
    totals_.output_emitted += counts.emitted;
    totals_.iterations += counts.iterations;
  }
  totals_.requests_seconds = requests_seconds_.value();
  totals_.sojourn_seconds = sojourn_seconds_.value();
  totals_.end = now_;
}

void Simulation::check_totals() const {
  std::int64_t ended = 0;
  for (const std::int64_t count : totals_.by_status) ended += count;
  SIM_ENSURE(ended == totals_.arrived);
  SIM_ENSURE(totals_.prompt_ended == totals_.prompt_arrived);
  SIM_ENSURE(totals_.output_ended == totals_.output_emitted);
  // Little's law, as an identity of the run.
  SIM_ENSURE(agree(totals_.requests_seconds, totals_.sojourn_seconds));
}

void Simulation::audit() const {
  for (const Member& member : members_) member.replica.audit();
}

}  // namespace tokenyard::fleet
