// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "config/section.hpp"
#include "fleet/client_network.hpp"
#include "fleet/pool_router.hpp"
#include "fleet/router.hpp"

namespace tokenyard::fleet {

struct Scenario;

// Who picks the pool of a request, and the replica.
struct RoutingPlan {
  const RouterEntry* within_pool = nullptr;
  RouterRules within_rules;
  const PoolRouterEntry* between_pools = nullptr;
  bool chosen = false;  // by the scenario; else by default
  PoolRouterRules rules;
  std::vector<std::size_t> ranks;  // of each pool, in the order given
  std::vector<double> weights;     // of each pool
  Duration delay{0};               // how old what routers know is
  Duration between_delay{0};       // likewise, of those between pools
};

struct PoolPlan;
// What the router within a pool is told.
RouterRules rules_of(const RoutingPlan& routing, const PoolPlan& pool);

// Read the sections `routing` and `client_network` of a scenario whose pools and tenants are known.
void read_routing(config::Section section, Scenario& scenario);
void read_client_network(config::Section section, Scenario& scenario);
std::string assumption_of(const ClientNetworkPlan& plan);
// Says which policies were taken where none was given; of a scenario without mistakes.
void assume_of_routing(Scenario& scenario);

}  // namespace tokenyard::fleet
