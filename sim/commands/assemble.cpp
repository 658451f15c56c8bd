// SPDX-License-Identifier: Apache-2.0
#include "commands/assemble.hpp"

#include <algorithm>

#include "fleet/accounting.hpp"
#include "model/affine.hpp"

namespace tokenyard::commands {
namespace {

using fleet::Scenario;

std::unique_ptr<model::IterationTime> iteration_time(const fleet::PoolPlan& plan) {
  if (plan.affine) return std::make_unique<model::Affine>(*plan.affine);
  if (plan.wafer) return std::make_unique<model::Wafer>(plan.wafer->time);
  return std::make_unique<model::Roofline>(plan.time);
}

// The narrowest link of a route, as often as node pairs share the bytes.
fleet::Wire wire_between(network::NodeRange a, network::NodeRange b,
                         const network::Platform& platform) {
  return {platform.latency(a.first, b.first),
          platform.bandwidth(a.first, b.first) * std::min(a.count, b.count)};
}

fleet::HandOverPlan hand_over(const Scenario& scenario, const fleet::PoolPlan& from,
                              const network::Platform& platform) {
  const fleet::PoolPlan& to = scenario.pools[from.next_pool];
  fleet::HandOverPlan plan;
  plan.rules = from.hand_over;
  plan.to = from.next_pool;
  plan.layers = from.deployment.shape->layers;
  const auto [per_token, fixed] = fleet::sent_kv(from, to);
  plan.per_token = per_token;
  plan.fixed = fixed;
  if (from.shares_links) return plan;
  const network::NodeRange a = from.nodes_of(0);
  const network::NodeRange b = to.nodes_of(0);
  plan.wire =
      fleet::within_ports(wire_between(a, b, platform), from, to, std::min(a.count, b.count));
  return plan;
}

network::NodeRange nodes_of(const fleet::StorePlan& store) {
  return {network::NodeIndex{store.first_node}, static_cast<std::uint32_t>(store.nodes)};
}

fleet::PrefixStorePlan store_of(const fleet::PoolPlan& plan, const network::Platform& platform) {
  const fleet::StorePlan& store = *plan.store;
  fleet::PrefixStorePlan made;
  made.capacity = Blocks(store.memory.value() / plan.kept_block.value());
  made.block = plan.kept_block;
  made.nodes = nodes_of(store);
  if (store.shares_links) return made;
  const network::NodeRange own = plan.nodes_of(0);
  made.wire = fleet::within_ports(wire_between(made.nodes, own, platform), plan, plan,
                                  std::min(made.nodes.count, own.count));
  return made;
}

fleet::ColdStartPlan cold_start_of(const Scenario& scenario, const fleet::PoolPlan& plan) {
  fleet::ColdStartPlan made;
  made.store = nodes_of(scenario.stores[plan.cold_start->number].plan);
  made.weights = plan.room.weights * plan.deployment.data;
  made.start_up = plan.cold_start->start_up;
  made.at_start = plan.cold_start->at_start;
  return made;
}

// What a million tokens cost that are written by full batches of answers around this long.
double usd_per_million_tokens(const fleet::PoolPlan& plan, const model::IterationTime& time) {
  constexpr double context = 1000;
  constexpr double seconds_an_hour = 3600;
  constexpr double million = 1e6;
  const double room = static_cast<double>((plan.limits.blocks.value())) *
                      static_cast<double>(plan.limits.block_size.value()) / context;
  const double batch =
      std::clamp(static_cast<double>(plan.limits.sequences), 1.0, std::max(1.0, room));
  const double iteration = time.batch(Tokens(0), static_cast<std::int64_t>(batch)).value() +
                           time.per_context().value() * batch * context;
  const double tokens_per_hour =
      static_cast<double>(plan.replicas) * batch / iteration * seconds_an_hour;
  return fleet::price_of_nodes(plan).value() / tokens_per_hour * million;
}

fleet::PoolStanding standing_of(const Scenario& scenario, std::size_t number,
                                const model::IterationTime& time) {
  const fleet::PoolPlan& plan = scenario.pools[number];
  fleet::PoolStanding standing;
  standing.usd_per_million_tokens = usd_per_million_tokens(plan, time);
  standing.carbon_g_per_kwh = fleet::carbon_hours_of(scenario, plan);
  standing.carbon_start = scenario.accounting.energy.start;
  standing.weight = scenario.routing.weights[number];
  standing.rank = scenario.routing.ranks[number];
  return standing;
}

fleet::PoolInput pool_of(const Scenario& scenario, std::size_t number,
                         const network::Platform& platform, Parts& parts) {
  const fleet::PoolPlan& plan = scenario.pools[number];
  parts.batchers.push_back(plan.batcher->make());
  parts.times.push_back(iteration_time(plan));
  fleet::PoolInput pool;
  pool.name = plan.name;
  pool.replicas = static_cast<std::size_t>(plan.replicas);
  pool.limits = plan.limits;
  pool.batcher = parts.batchers.back().get();
  pool.engine = &plan.engine;
  pool.time = parts.times.back().get();
  pool.router = scenario.routing.within_pool->make(rules_of(scenario.routing, plan));
  pool.initial = static_cast<std::size_t>(plan.initial);
  if (plan.autoscale) {
    pool.autoscale = plan.autoscale;
    pool.autoscale->time_of_day = scenario.accounting.energy.start;
  }
  pool.standing = standing_of(scenario, number, *pool.time);
  if (plan.role != fleet::PoolRole::decode) pool.models = {plan.model};
  if (plan.store) pool.store = store_of(plan, platform);
  if (plan.cold_start) pool.cold_start = cold_start_of(scenario, plan);
  if (plan.role == fleet::PoolRole::mixed && !plan.store && !plan.cold_start) return pool;
  pool.nodes = plan.places;
  if (plan.role == fleet::PoolRole::prefill) pool.hand_over = hand_over(scenario, plan, platform);
  return pool;
}

}  // namespace

fleet::SimulationInput assemble(const Scenario& scenario, const network::Platform& platform,
                                fleet::Recorder& recorder, Parts& parts) {
  fleet::SimulationInput input;
  for (std::size_t i = 0; i < scenario.tenants.size(); ++i) {
    parts.streams.push_back(traffic::open_tenant(scenario.tenants[i], scenario.openings[i]));
    input.streams.push_back(parts.streams.back().get());
    const traffic::Tenant& tenant = scenario.tenants[i];
    input.clients.push_back({tenant.timeout, tenant.retry, tenant.quota});
  }
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    input.pools.push_back(pool_of(scenario, i, platform, parts));
    input.pools.back().gaps = recorder.gaps_of(i);
    const fleet::PoolInput& pool = input.pools.back();
    const bool shares = (pool.hand_over && !pool.hand_over->wire) ||
                        (pool.store && !pool.store->wire) || pool.cold_start;
    if (shares && !parts.transfers) parts.transfers.emplace(platform);
  }
  if (parts.transfers) {
    fleet::limit_ports(scenario, *parts.transfers);
    input.transfers = &*parts.transfers;
  }
  input.routes = scenario.routes;
  input.slos = scenario.slo_classes;
  input.between = scenario.routing.between_pools->make(scenario.routing.rules);
  input.network = fleet::ClientNetwork(scenario);
  input.admission = scenario.admission;
  input.observer = &recorder;
  input.until = scenario.until;
  input.observe_every = scenario.keep.series;
  input.routing_delay = scenario.routing.delay;
  input.between_delay = scenario.routing.between_delay;
  input.seed = scenario.seed;
  input.faults = fleet::fault_input(scenario);
  input.maintenance = scenario.maintenance;
  input.replication = scenario.replication;
  return input;
}

}  // namespace tokenyard::commands
