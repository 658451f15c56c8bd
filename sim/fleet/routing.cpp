// SPDX-License-Identifier: Apache-2.0
#include "fleet/routing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "fleet/scenario.hpp"

namespace tokenyard::fleet {
namespace {

using config::Section;

template <class Entries>
std::vector<std::string_view> names_of(const Entries& entries) {
  std::vector<std::string_view> names;
  for (const auto& entry : entries) names.push_back(entry.name);
  return names;
}

// The number of a pool where requests arrive; none and a mistake if there is none of that name.
std::optional<std::size_t> pool_of(Section& section, std::string_view key, const std::string& name,
                                   const Scenario& scenario) {
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    if (scenario.pools[i].name != name) continue;
    if (scenario.pools[i].role != PoolRole::decode) return i;
    section.mistake(key, "'" + name +
                             "' answers prompts that another pool reads, so no request arrives "
                             "there; name the pool that reads them");
    return std::nullopt;
  }
  section.mistake(key, "'" + name + "' is no pool of the fleet; name one of 'fleet.pools'");
  return std::nullopt;
}

// Those that are named first, in that order, then the others in the order of the fleet.
std::vector<std::size_t> read_order(Section& section, const Scenario& scenario) {
  const std::size_t unnamed = scenario.pools.size();
  std::vector<std::size_t> ranks(scenario.pools.size(), unnamed);
  std::size_t next = 0;
  for (const std::string& name : section.strings("order")) {
    const auto pool = pool_of(section, "order", name, scenario);
    if (!pool) continue;
    if (ranks[*pool] != unnamed) {
      section.mistake("order", "'" + name + "' stands there twice; leave one");
      continue;
    }
    ranks[*pool] = next++;
  }
  for (std::size_t& rank : ranks) {
    if (rank == unnamed) rank = next++;
  }
  return ranks;
}

void read_weights(Section weights, const Scenario& scenario, RoutingPlan& plan) {
  double sum = static_cast<double>(scenario.pools.size() - weights.names().size());
  for (const std::string& name : weights.names()) {
    const double weight = weights.required<double>(name, config::not_negative);
    sum += weight;
    if (const auto pool = pool_of(weights, name, name, scenario)) plan.weights[*pool] = weight;
  }
  if (sum <= 0) weights.mistake("", "are all 0, so that no pool would be chosen; raise one");
  weights.finish();
}

void read_threshold(Section threshold, PoolRouterRules& rules) {
  const auto load = threshold.maybe<config::Fraction>("load", config::positive);
  const auto tokens = threshold.maybe<Tokens>("queued_tokens", config::positive);
  threshold.finish();
  if (load || tokens) rules.threshold_load = std::numeric_limits<double>::infinity();
  if (load) rules.threshold_load = load->value;
  if (tokens) rules.threshold_tokens = static_cast<double>(tokens->value());
}

void read_between_pools(Section& section, const Scenario& scenario, RoutingPlan& plan) {
  const std::vector<std::string_view> names = names_of(pool_routers());
  const bool near = scenario.client_network.policy != ClientNetworkPlan::Policy::none;
  const auto fallback = static_cast<std::size_t>(
      std::find(names.begin(), names.end(), near ? "nearest" : "least-loaded") - names.begin());
  plan.chosen = section.has("between_pools");
  if (!section.has_map("between_pools")) {
    plan.between_pools = &pool_routers()[section.choice("between_pools", names, fallback)];
    return;
  }
  Section between = section.child("between_pools");
  plan.between_pools = &pool_routers()[between.choice("policy", names, fallback)];
  plan.chosen = between.has("policy");
  plan.ranks = read_order(between, scenario);
  for (const auto& [key, policy] :
       {std::pair("weights", "weighted"), std::pair("threshold", "spill-over")}) {
    if (between.has(key) && plan.between_pools->name != policy) {
      between.mistake(key, fmt::format("is for the policy {}, and {} does not look at it; leave "
                                       "one of the two",
                                       policy, plan.between_pools->name));
    }
  }
  plan.between_delay = between.optional<Duration>("delay", plan.delay, config::not_negative);
  if (between.has("weights")) read_weights(between.child("weights"), scenario, plan);
  if (between.has("threshold")) read_threshold(between.child("threshold"), plan.rules);
  between.finish();
}

// Whether requests for some model may go to more than one pool.
bool has_a_choice(const Scenario& scenario) {
  std::vector<std::int64_t> pools(scenario.models.size(), 0);
  for (const PoolPlan& pool : scenario.pools) {
    if (pool.role != PoolRole::decode) ++pools[index(pool.model)];
  }
  return std::any_of(pools.begin(), pools.end(), [](std::int64_t n) { return n > 1; });
}

}  // namespace

RouterRules rules_of(const RoutingPlan& routing, const PoolPlan& pool) {
  RouterRules rules = routing.within_rules;
  rules.blocks = pool.limits.blocks / pool.engine.kv.weight;
  rules.block_size = pool.limits.block_size;
  return rules;
}

void read_routing(Section section, Scenario& scenario) {
  RoutingPlan& plan = scenario.routing;
  plan.within_pool = &routers()[section.choice("within_pool", names_of(routers()), 0)];
  if (section.has("choices") && plan.within_pool->name != "power-of-d") {
    section.mistake("choices", "is for within_pool: power-of-d; leave one of the two");
  }
  if (plan.within_pool->name == "power-of-d" || section.has("choices")) {
    plan.within_rules.choices = section.optional<std::int64_t>("choices", 2, {1, 100});
  }
  plan.delay = section.optional<Duration>("delay", Duration(0), config::not_negative);
  plan.between_delay = plan.delay;
  plan.weights.assign(scenario.pools.size(), 1);
  plan.ranks.resize(scenario.pools.size());
  for (std::size_t i = 0; i < plan.ranks.size(); ++i) plan.ranks[i] = i;
  read_between_pools(section, scenario, plan);
  section.finish();
}

void read_client_network(Section section, Scenario& scenario) {
  const bool somewhere = std::any_of(
      scenario.origins.begin(), scenario.origins.end(),
      [](const traffic::Place& place) { return place.name != traffic::unspecified.name; });
  ClientNetworkPlan& plan = scenario.client_network;
  plan.policy = static_cast<ClientNetworkPlan::Policy>(
      section.choice("policy", client_network_policies, somewhere ? 1 : 0));
  const auto last_mile = section.maybe<Duration>("last_mile", config::not_negative);
  if (last_mile && plan.policy == ClientNetworkPlan::Policy::none) {
    section.mistake("last_mile",
                    "needs clients that are somewhere; set policy: distance, or leave it out");
  }
  if (last_mile) plan.last_mile = *last_mile;
  section.finish();
}

std::string assumption_of(const ClientNetworkPlan& plan) {
  if (plan.policy == ClientNetworkPlan::Policy::none) {
    return "clients are at the region's door: no network time in the latencies";
  }
  return fmt::format(
      "clients reach a region over the internet in {:.3g} ms plus {:.3g} ms per 1,000 km of great "
      "circle, one way, as regions reach each other (median error 13 %), plus {:.3g} ms of last "
      "mile; those that are nowhere are at its door",
      1e3 * one_way_over(0).value(), 1e3 * (one_way_over(1000) - one_way_over(0)).value(),
      1e3 * plan.last_mile.value());
}

void assume_of_routing(Scenario& scenario) {
  const RoutingPlan& plan = scenario.routing;
  if (plan.chosen || !has_a_choice(scenario)) return;
  scenario.assumptions.push_back(fmt::format("between pools of one model requests go to the {} one",
                                             plan.between_pools->name));
}

}  // namespace tokenyard::fleet
