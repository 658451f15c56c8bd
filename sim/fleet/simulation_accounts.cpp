// SPDX-License-Identifier: Apache-2.0
// What is told of a simulation, and what must add up.
#include <algorithm>
#include <cmath>

#include "fleet/simulation.hpp"

namespace tokenyard::fleet {
namespace {

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
  record.retries = static_cast<std::uint32_t>(r.attempt - 1);
  return record;
}

void fill_times(results::RequestRecord& record, const serving::InFlight& r, Instant now,
                Duration back) {
  record.end_to_end_s = (now + back - r.request.arrival).value();
  if (r.request.output > Tokens(1)) {
    record.time_per_output_token_s =
        (now - r.first_token).value() / static_cast<double>(r.request.output.value() - 1);
  }
}

}  // namespace

void Simulation::end_request(serving::Slot slot, results::Status status) {
  const serving::InFlight& r = store_[slot];
  results::RequestRecord record = record_of(r);
  record.status = status;
  if (const serving::Extra* extra = store_.find_extra(slot)) record.cached = extra->prefix.cached;
  record.output = r.decoding ? members_[index(r.replica)].replica.emitted_by(r) : r.emitted;
  const Duration back = way_back(r);
  record.network_s = 2 * back.value();
  if (record.output > Tokens(0)) {
    record.time_to_first_token_s = (r.first_token + back - r.request.arrival).value();
  }
  if (status == results::Status::ok) {
    fill_times(record, r, now_, back);
    if (learns_) learn(r, record);
  }
  requests_seconds_.add(static_cast<double>(store_.size()) * (now_ - in_flight_since_).value());
  in_flight_since_ = now_;
  sojourn_seconds_.add((now_ - r.request.arrival).value());
  ++totals_.by_status[static_cast<std::size_t>(status)];
  totals_.prompt_ended += record.prompt;
  totals_.output_ended += record.output;
  Stream& stream = streams_[index(r.request.tenant)];
  if (stream.follows && status != results::Status::in_flight) {
    const bool ok = status == results::Status::ok;
    stream.arrivals->ended(r.request, now_ + back,
                           ok ? traffic::Answer::given : traffic::Answer::refused);
    expect(stream);
  }
  store_.remove(slot);
  if (operated_ && over()) stop_operations();
  observer_->ended(record, now_);
}

// An attempt leaves the pool that it is in, with so many tokens written. What the pool before wrote
// of it was counted there.
void Simulation::count_work(serving::Slot slot, Tokens emitted) {
  const serving::InFlight& r = store_[slot];
  if (r.pool == no_pool) return;  // it was refused at the door
  Work& work = totals_.work[index(r.pool)][index(r.request.tenant)];
  if (r.handed_over) {
    const Pool& entry = *pools_[index(r.entry)];
    const bool began = entry.hand_over->rules.first_token == serving::FirstToken::prefill;
    work.output += began ? emitted - Tokens(1) : emitted;
    return;
  }
  const serving::Extra* extra = store_.find_extra(slot);
  const Tokens cached = extra == nullptr ? Tokens(0) : extra->prefix.cached;
  const bool read = emitted > Tokens(0) || r.decoding || r.computed > r.request.prompt;
  const Tokens known = read ? r.request.prompt : r.computed;
  work.prompt += std::max(known - cached, Tokens(0));
  work.output += emitted;
}

// Adds what a replica has and did.
void Simulation::count(PoolCounts& counts, Member& member) {
  serving::Replica& replica = member.replica;
  replica.observe(now_);
  counts.waiting += replica.waiting();
  counts.running += replica.running();
  counts.kv_used += replica.kv_used();
  counts.kv_total += replica.kv_total();
  counts.prefilled += replica.prefilled();
  counts.emitted += replica.emitted();
  counts.prompts += replica.prompts();
  counts.cached += replica.cached();
  counts.padding += replica.padding();
  counts.busy += replica.busy(now_);
  counts.reading += replica.reading(now_);
  counts.emitted_reading += replica.emitted_reading();
  counts.iterations += replica.iterations();
}

void Simulation::observe() {
  for (std::size_t i = 0; i < pools_.size(); ++i) {
    counts_[i] = pools_[i]->before;
    counts_[i].serving = pools_[i]->serving;
  }
  for (Member& member : members_) {
    PoolCounts& counts = counts_[index(member.pool->id)];
    count(counts, member);
    counts.duties[member.duty] += now_ - member.since;
  }
  observer_->observed(now_, counts_);
  if (observer_->has_enough()) until_ = now_;
  calendar_.cancel(observation_);
  const bool flows = transfers_ != nullptr && transfers_->in_flight() > 0;
  if (calendar_.empty() && !flows) return;  // nothing will happen any more
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
    const serving::InFlight& r = store_[slot];
    count_work(slot, r.decoding ? members_[index(r.replica)].replica.emitted_by(r) : r.emitted);
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
  // However tight the room is, whatever waits for it gets it in the end.
  SIM_ENSURE(until_ < Instant::never() || landings_wanted_ == 0);
  for (const auto& pool : pools_) SIM_ENSURE(until_ < Instant::never() || pool->loads.empty());
  std::int64_t ended = 0;
  for (const std::int64_t count : totals_.by_status) ended += count;
  SIM_ENSURE(ended == totals_.arrived);
  SIM_ENSURE(totals_.prompt_ended == totals_.prompt_arrived);
  SIM_ENSURE(totals_.output_ended + totals_.output_abandoned == totals_.output_emitted);
  for (std::size_t pool = 0; pool < counts_.size(); ++pool) {
    Tokens written;
    for (const Work& work : totals_.work[pool]) written += work.output;
    SIM_ENSURE(written == counts_[pool].emitted);
  }
  // Little's law, as an identity of the run.
  SIM_ENSURE(agree(totals_.requests_seconds, totals_.sojourn_seconds));
}

void Simulation::audit() const {
  for (const Member& member : members_) member.replica.audit();
}

}  // namespace tokenyard::fleet
