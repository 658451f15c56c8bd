// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <string_view>

#include "core/quantity.hpp"
#include "core/random.hpp"
#include "traffic/request.hpp"
#include "traffic/tenant.hpp"

namespace tokenyard::fleet {

// What a router between pools knows of one that may serve a request; as old as the routing
// information.
struct PoolState {
  bool up = true;        // some replica takes requests
  double requests = 0;   // waiting and running there, and on their way
  double tokens = 0;     // of these: prompt and max_tokens
  double sequences = 1;  // that its open replicas may run at once
  Duration network{0};   // from the client and back
  Duration ttft{0};  // smoothed mean of what it served lately, from arrival in the region to the
                     // first token; 0: nothing yet
  Duration tpot{0};  // likewise
  double usd_per_million_tokens = 0;  // planned: node price over nominal throughput
  double carbon_g_per_kwh = 0;        // of its site, this hour
  double weight = 1;                  // from the scenario
  std::size_t rank = 0;               // in the scenario's order
};

// Requests per sequence that may run; of a pool that is not up, infinite.
double load_of(const PoolState& state);
// What the client would wait for its first token, were it sent there now:
//   network + ttft * max(1, (requests + 1) / sequences).
// Of a pool that served nothing lately it is the network alone, so that it is tried.
Duration expected_ttft(const PoolState& state);
// Whether that and the tpot are within the limits.
bool expected_to_meet(const PoolState& state, const traffic::Slo& slo);

// Picks the pool for a request. Decides only.
class PoolRouter {
 public:
  virtual ~PoolRouter() = default;
  // One of `states`, at least two, of which at least one is up. What it picks is up.
  virtual std::size_t choose(const traffic::Request& request, const traffic::Slo& slo,
                             std::span<const PoolState> states, RandomStream& draws) = 0;
};

struct PoolRouterRules {
  // From where on spill-over passes a pool by: requests / sequences, and prompt and max_tokens of
  // the requests there.
  double threshold_load = 0.8;
  double threshold_tokens = std::numeric_limits<double>::infinity();
};

struct PoolRouterEntry {
  std::string_view name;
  std::string_view summary;
  std::unique_ptr<PoolRouter> (*make)(const PoolRouterRules&);
};

// The one list of routers between pools: it feeds the factory, the schema, `tokenyard list` and the
// error text.
std::span<const PoolRouterEntry> pool_routers();

// The mean of what was seen lately: the weight of each falls by 1/e in `memory`, and all is
// forgotten when nothing was seen for that long.
class RecentMean {
 public:
  explicit RecentMean(Duration memory = Duration(60)) : memory_(memory) {}

  void add(Duration seen, Instant now);
  // 0: nothing lately.
  Duration mean(Instant now) const;

 private:
  Duration memory_;
  double sum_ = 0;
  double weight_ = 0;
  Instant last_;
};

}  // namespace tokenyard::fleet
