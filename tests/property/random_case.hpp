// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fleet/simulation.hpp"
#include "model/affine.hpp"
#include "network/probe.hpp"  // whether AddressSanitizer is there

namespace tokenyard::test {

// Of the cases of a property, one of so many is tried.
#if defined(TOKENYARD_ADDRESS_SANITIZER)
inline constexpr int every = 7;  // it takes as long for these as a release for all
#else
inline constexpr int every = 1;
#endif

// Everything random of one small scenario, from its number.
struct Case {
  std::vector<traffic::Request> requests;
  serving::Limits limits;
  serving::Engine engine;
  serving::Engine decode_engine;
  std::vector<std::vector<traffic::Piece>> pieces;  // of the prompts
  model::Affine::Input time;
  std::size_t batcher;
  std::size_t router;
  std::size_t replicas;
  std::optional<fleet::HandOverPlan> hand_over;  // to a second pool
  std::optional<fleet::PrefixStorePlan> store;
  serving::Limits decode_limits;
  fleet::ClientRules clients;
  Duration routing_delay{0};

  // What operates the fleet: `fleets` alike, each a pool or a pair, that requests may go to.
  std::size_t fleets = 1;
  std::size_t between = 0;  // of fleet::pool_routers()
  Duration between_delay{0};
  std::vector<fleet::TenantRoutes> routes;
  std::vector<traffic::Slo> slos;
  fleet::ClientNetwork network;
  fleet::AdmissionRules admission;
  fleet::FaultInput faults;
  std::vector<fleet::MaintenancePlan> maintenance;
  std::optional<fleet::AutoscalePlan> autoscale;
  std::size_t initial = 0;

  std::size_t pools() const { return fleets * (hand_over ? 2 : 1); }
};

Case make_case(std::uint64_t number, bool features);
// Any router, which may know of its pool late, and requests in sessions.
Case with_routing(Case c, std::uint64_t number);

// All that an observer can see, as numbers to compare bit by bit.
class Everything final : public fleet::Observer, public serving::IterationLog {
 public:
  void ended(const results::RequestRecord& r, Instant now) override {
    for (const double value :
         {now.value(), r.time_to_first_token_s, r.time_per_output_token_s, r.end_to_end_s,
          static_cast<double>(r.preemptions), static_cast<double>(r.retries),
          static_cast<double>(r.output.value()), static_cast<double>(r.status),
          static_cast<double>(index(r.id)), static_cast<double>(index(r.replica)),
          static_cast<double>(r.cached.value())}) {
      seen.push_back(std::bit_cast<std::uint64_t>(value));
    }
    preemptions += r.preemptions;
    cached += r.cached.value();
    retries += r.retries;
    ++states[r.status];
    ended_records.emplace_back(r, now);
    if (r.status != results::Status::ok) return;
    const std::int64_t later = r.output.value() - 1;
    later_tokens += static_cast<std::uint64_t>(later);
    // The token after g others is written by attending to the prompt and to those.
    later_context += later * r.prompt.value() + later * (later + 1) / 2;
    between_tokens_s += r.end_to_end_s - r.time_to_first_token_s;
  }
  void transferred(const fleet::KvTransfer& transfer, Instant now) override {
    seen.push_back(index(transfer.request));
    seen.push_back(std::bit_cast<std::uint64_t>(now.value()));
    seen.push_back(static_cast<std::uint64_t>(transfer.bytes.value()));
    ++(transfer.kind == fleet::KvTransfer::Kind::fetch ? fetches : transfers);
  }
  void observed(Instant now, const std::vector<fleet::PoolCounts>& counts) override {
    pools = counts;
    prefilled = 0;
    for (const fleet::PoolCounts& c : counts) {
      prefilled += c.prefilled.value();
      for (const double value :
           {now.value(), static_cast<double>(c.waiting), static_cast<double>(c.running),
            static_cast<double>(c.kv_used.value()), static_cast<double>(c.prefilled.value()),
            static_cast<double>(c.emitted.value()), static_cast<double>(c.prompts.value()),
            static_cast<double>(c.cached.value()), static_cast<double>(c.padding.value()),
            c.busy.value(), c.reading.value(), static_cast<double>(c.emitted_reading.value()),
            static_cast<double>(c.serving), static_cast<double>(c.failures),
            static_cast<double>(c.scaled), c.duties.paid().value(), c.recovering.value()}) {
        seen.push_back(std::bit_cast<std::uint64_t>(value));
      }
    }
    if (simulation != nullptr) simulation->audit();
  }

  bool wants(Instant, Instant) const override { return true; }
  void ran(std::uint32_t replica, const serving::IterationRecord& r) override {
    for (const double value :
         {r.start.value(), r.end.value(), static_cast<double>(r.prefill.value()),
          static_cast<double>(r.decodes), static_cast<double>(r.context),
          static_cast<double>(r.kv_used.value())}) {
      iterations[replica].push_back(std::bit_cast<std::uint64_t>(value));
    }
    REQUIRE((r.decodes == 0) == (r.context == 0));
    told_prefill += r.prefill.value();
    told_decodes += static_cast<std::uint64_t>(r.decodes);
    told_context += r.context;
  }

  std::vector<std::uint64_t> seen;
  std::map<std::uint32_t, std::vector<std::uint64_t>> iterations;  // of each replica
  results::LogHistogram gaps;
  std::uint64_t later_tokens = 0;  // of requests that ended, all but the first
  std::int64_t later_context = 0;  // that these attended to, had nothing been preempted
  std::int64_t prefilled = 0;      // by the pools' own count
  std::int64_t told_prefill = 0;   // by the iterations
  std::uint64_t told_decodes = 0;
  std::int64_t told_context = 0;
  double between_tokens_s = 0;  // from the first to the last
  std::int64_t preemptions = 0;
  std::int64_t cached = 0;
  std::int64_t retries = 0;
  int transfers = 0;
  int fetches = 0;
  std::map<results::Status, int> states;
  std::vector<std::pair<results::RequestRecord, Instant>> ended_records;
  std::vector<fleet::PoolCounts> pools;  // at the last look
  const fleet::Simulation* simulation = nullptr;
};

Everything simulate(const Case& c, serving::Leaping leaping, Instant until);

// The features of a case, for a failure's message.
std::string features_of(const Case& c);
bool same_counts(const results::LogHistogram& a, const results::LogHistogram& b);

}  // namespace tokenyard::test
