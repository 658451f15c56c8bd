// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/quantity.hpp"
#include "fleet/duty.hpp"
#include "fleet/kv_transfers.hpp"
#include "results/record.hpp"
#include "traffic/request.hpp"

namespace tokenyard::fleet {

// What a pool did up to a date, over all its replicas.
struct PoolCounts {
  std::int64_t waiting = 0;
  std::int64_t running = 0;
  Blocks kv_used;
  Blocks kv_total;
  Tokens prefilled;
  Tokens emitted;
  Tokens prompts;          // of all requests admitted, each once, where there is a prefix cache
  Tokens cached;           // of these, found in it
  Tokens padding;          // computed for nothing, since shapes are static
  Duration busy;           // summed over replicas
  Duration reading;        // of it, with an iteration that reads prompts
  Tokens emitted_reading;  // written meanwhile
  std::int64_t iterations = 0;
  std::int64_t serving = 0;  // replicas that do
  DutyTimes duties;
  std::int64_t failures = 0;    // of replicas
  std::int64_t recoveries = 0;  // of replicas that failed, to serving again
  Duration recovering;          // from a failure to serving again, summed
  Duration longest_recovery;
  std::int64_t scaled = 0;  // replicas added or taken away by the autoscaler
};

// Is told what happens. It records; it never changes the simulation, but may end it.
class Observer {
 public:
  virtual ~Observer() = default;

  // A request came to its one final state, at `now`.
  virtual void ended(const results::RequestRecord& record, Instant now) = 0;
  // The KV cache of a request was delivered, at `now`.
  virtual void transferred(const KvTransfer&, Instant /*now*/) {}
  // The regular look at the pools, in their order.
  virtual void observed(Instant, const std::vector<PoolCounts>&) {}
  // Asked after each of these looks: whether the run shall end there.
  virtual bool has_enough() const { return false; }
  // Every few thousand events: for a progress display.
  virtual void progress(Instant, std::int64_t /*requests ended*/) {}
};

// What was computed for one tenant in one pool.
struct Work {
  Tokens prompt;  // of prompts, each once an attempt, those found in a cache left out
  Tokens output;  // written
};

// Attempts of one tenant, and their prompts and max_tokens.
struct Attempts {
  std::int64_t requests = 0;
  Tokens tokens;

  void add(const traffic::Request& request) {
    ++requests;
    tokens += request.prompt + request.max_tokens;
  }
};

// What came to the fleet, and what became of it at the door. What found no pool, since all were
// down, is in none of the last two.
struct Load {
  Attempts offered;
  Attempts admitted;
  Attempts throttled;  // by a quota, or for its tier
};

// Sums over a whole run that must agree; checked at the end of every run.
struct Totals {
  std::int64_t arrived = 0;
  std::array<std::int64_t, results::status_names.size()> by_status{};
  Tokens prompt_arrived;
  Tokens prompt_ended;
  Tokens output_ended;          // written for requests, over all states
  Tokens output_abandoned;      // written in attempts that were given up and made again
  Tokens output_emitted;        // written by replicas
  double requests_seconds = 0;  // integral of the number of requests in flight
  double sojourn_seconds = 0;   // sum of the times that requests were in flight
  std::int64_t events = 0;
  std::int64_t iterations = 0;
  std::vector<std::vector<Work>> work;  // by pool and tenant
  // By tenant: requests that would have gone to a pool which a rule or residency forbids.
  std::vector<std::int64_t> prevented;
  std::vector<Load> loads;  // by tenant
  Instant end;              // of the run
};

}  // namespace tokenyard::fleet
