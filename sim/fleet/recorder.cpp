// SPDX-License-Identifier: Apache-2.0
#include "fleet/recorder.hpp"

#include <algorithm>
#include <cmath>

#include "fleet/slo.hpp"

namespace tokenyard::fleet {

Recorder::Recorder(const Scenario& scenario, results::RequestTable* table, TraceLog* trace)
    : scenario_(&scenario),
      table_(table),
      trace_(trace),
      tenants_(scenario.tenants.size()),
      pools_(scenario.pools.size()),
      classes_(scenario.slo_classes.size()) {}

void Recorder::ended(const results::RequestRecord& record, Instant) {
  const double share = scenario_->keep.requests;
  if (table_ != nullptr && (share == 1 || in_sample(scenario_->seed, index(record.id), share))) {
    table_->add(record);
  }
  TenantTally& tally = tenants_[index(record.tenant)];
  tally.preemptions += record.preemptions;
  tally.retries += record.retries;
  if (record.pool != no_pool && scenario_->pools[index(record.pool)].wafer) {
    pools_[index(record.pool)].served.add(record);
  }
  const bool ok = record.status == results::Status::ok;
  if (ok) {
    tally.prompt_served += record.prompt;
    tally.cached_served += record.cached;
    tally.output_served += record.output;
  }
  if (record.arrival < scenario_->warm_up) return;
  ++tally.arrived;
  ++tally.by_status[static_cast<std::size_t>(record.status)];
  ClassTally& judged = classes_[index(record.slo_class)];
  if (record.status != results::Status::in_flight) ++judged.judged;
  if (!ok) return;
  if (record.network_s > 0) tally.network.add(record.network_s);
  const std::array<double, latency_count> values = {
      record.time_to_first_token_s, record.time_per_output_token_s, record.end_to_end_s};
  for (std::size_t i = 0; i < latency_count; ++i) {
    if (!std::isnan(values[i])) tally.latency[i].add(values[i]);
  }
  const traffic::Slo& slo = scenario_->slo_classes[index(record.slo_class)];
  if (!meets(record, slo)) return;
  ++tally.attained;
  ++judged.met;
}

void Recorder::transferred(const KvTransfer& transfer, Instant now) {
  if (trace_ != nullptr) trace_->transferred(transfer, now);
  PoolTally& tally = pools_[index(transfer.from_pool)];
  const auto bytes = static_cast<double>(transfer.bytes.value());
  if (transfer.kind == KvTransfer::Kind::fetch) tally.fetched_bytes += bytes;
  if (transfer.kind == KvTransfer::Kind::put) tally.put_bytes += bytes;
  if (transfer.kind == KvTransfer::Kind::weights) tally.weights_bytes += bytes;
  if (transfer.kind == KvTransfer::Kind::chunk) tally.transferred_bytes += bytes;
  if (transfer.kind != KvTransfer::Kind::hand_over) return;
  tally.transfer.add((now - transfer.start).value());
  if (transfer.sent == Tokens(0)) tally.transferred_bytes += bytes;  // else with its chunks
}

void Recorder::observed(Instant now, const std::vector<PoolCounts>& pools) {
  if (trace_ != nullptr) trace_->flush();
  judge_classes(now);
  // The last look may come at the date of a regular one.
  if (!series_.empty() && series_.back().time_s == now.value()) series_.pop_back();
  series_.push_back({now.value(), pools});
  if (stop_rule != nullptr) has_enough_ = stop_rule->has_enough(now, *this, pools);
}

// An interval in which nobody was judged goes on as the one before.
void Recorder::judge_classes(Instant now) {
  const Duration interval = now - looked_;
  looked_ = now;
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    ClassTally& tally = classes_[i];
    const auto judged = static_cast<double>(tally.judged);
    const bool missed =
        tally.judged > 0 ? static_cast<double>(tally.met) < scenario_->slo_classes[i].share * judged
                         : tally.stretch > Duration(0);
    tally.stretch = missed ? tally.stretch + interval : Duration(0);
    if (missed) tally.below += interval;
    tally.longest_below = std::max(tally.longest_below, tally.stretch);
    tally.judged = tally.met = 0;
  }
}

}  // namespace tokenyard::fleet
