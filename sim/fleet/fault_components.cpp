// SPDX-License-Identifier: Apache-2.0
// What a scenario's replicas stand on, as components that fail.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "fleet/fault_rules.hpp"
#include "fleet/scenario.hpp"

namespace tokenyard::fleet {
namespace {

// A component, and what entries of profiles choose it by.
struct Placed {
  Component component;
  std::string rack;
  std::string region;
  std::string provider;
};

// The replica that has each accelerator, by node of the platform; nodes without replicas are
// absent.
using Taken = std::map<std::uint32_t, std::vector<std::uint32_t>>;

void append(std::vector<std::uint32_t>& to, std::int64_t count, std::uint32_t replica) {
  to.insert(to.end(), static_cast<std::size_t>(count), replica);
}

// As Placement gave them: stages that are smaller than a node share nodes, and none lies across
// two.
void take_nodes(const PoolPlan& pool, network::NodeRange nodes, std::uint32_t replica,
                Taken& taken) {
  const model::Deployment& d = pool.deployment;
  const std::int64_t a_node = pool.rack->chips_per_node;
  const std::int64_t stage = d.chips_per_stage() * d.data;
  const std::int64_t stages_a_node = std::max<std::int64_t>(1, a_node / stage);
  const std::int64_t stage_nodes = (stage + a_node - 1) / a_node;
  const auto first = static_cast<std::uint32_t>(nodes.first);
  for (std::int64_t s = 0; s < d.pipeline; ++s) {
    const std::int64_t of_stage = s / stages_a_node * stage_nodes;
    for (std::int64_t n = 0; n < stage_nodes; ++n) {
      append(taken[first + static_cast<std::uint32_t>(of_stage + n)],
             std::min(a_node, stage - n * a_node), replica);
    }
  }
}

Taken taken_of(const std::vector<PoolPlan>& pools) {
  Taken taken;
  std::uint32_t replica = 0;
  for (const PoolPlan& pool : pools) {
    for (const network::NodeRange& nodes : pool.places) {
      if (pool.deployment.chips() <= pool.rack->chips_per_node) {
        append(taken[static_cast<std::uint32_t>(nodes.first)], pool.deployment.chips(), replica);
      } else {
        take_nodes(pool, nodes, replica, taken);
      }
      ++replica;
    }
  }
  return taken;
}

class Builder {
 public:
  explicit Builder(const Scenario& scenario)
      : scenario_(&scenario), taken_(taken_of(scenario.pools)) {}

  FaultInput build();
  std::vector<Component> components(FaultScope scope) const {
    std::vector<Component> all;
    for (Placed& placed : standing(scope)) all.push_back(std::move(placed.component));
    return all;
  }

 private:
  std::vector<Placed> standing(FaultScope scope) const;
  std::vector<Placed> on_nodes(FaultScope scope) const;
  std::vector<Placed> of_pools(FaultScope scope) const;
  std::uint32_t rack_nodes(const network::Cluster& cluster) const;
  std::string name_on_node(FaultScope scope, const network::Cluster& cluster, std::uint32_t node,
                           std::size_t chip) const;
  void add_replicas(Component& component, std::size_t pool) const;
  Component aimed_at(const FaultTarget& target) const;
  std::uint32_t number_of(Component component);
  void add(const FaultRule& rule);
  void add(const ScriptedFault& fault);

  const Scenario* scenario_;
  Taken taken_;
  FaultInput input_;
  std::map<std::string, std::uint32_t> numbers_;
};

std::uint32_t Builder::rack_nodes(const network::Cluster& cluster) const {
  return static_cast<std::uint32_t>(scenario_->catalog->racks.at(cluster.rack).nodes);
}

std::string Builder::name_on_node(FaultScope scope, const network::Cluster& cluster,
                                  std::uint32_t node, std::size_t chip) const {
  if (scope == FaultScope::accelerator) {
    return fmt::format("accelerator {}/{}/{}", cluster.name, node, chip);
  }
  if (scope == FaultScope::link) return fmt::format("link of node {}/{}", cluster.name, node);
  if (scope == FaultScope::rack) node /= rack_nodes(cluster);
  return FaultTarget{scope, cluster.name, node}.name();
}

// Accelerators, nodes, their links, and racks, in the order of the platform.
std::vector<Placed> Builder::on_nodes(FaultScope scope) const {
  std::vector<Placed> placed;
  const auto component = [&](std::string name, const network::Cluster& cluster) -> Component& {
    if (placed.empty() || placed.back().component.name != name) {
      placed.push_back({{std::move(name), scope},
                        cluster.rack,
                        cluster.region,
                        catalog::provider_of(cluster.region)});
    }
    return placed.back().component;
  };
  for (const network::Cluster& cluster : scenario_->layout.clusters) {
    const auto end = taken_.lower_bound(cluster.first_node + cluster.nodes);
    for (auto node = taken_.lower_bound(cluster.first_node); node != end; ++node) {
      const std::uint32_t number = node->first - cluster.first_node;
      for (std::size_t chip = 0; chip < node->second.size(); ++chip) {
        component(name_on_node(scope, cluster, number, chip), cluster)
            .replicas.push_back(node->second[chip]);
      }
    }
  }
  for (Placed& one : placed) {
    auto& replicas = one.component.replicas;
    std::sort(replicas.begin(), replicas.end());
    replicas.erase(std::unique(replicas.begin(), replicas.end()), replicas.end());
  }
  return placed;
}

void Builder::add_replicas(Component& component, std::size_t pool) const {
  std::uint32_t first = 0;
  for (std::size_t i = 0; i < pool; ++i) {
    first += static_cast<std::uint32_t>(scenario_->pools[i].places.size());
  }
  for (std::uint32_t i = 0; i < scenario_->pools[pool].places.size(); ++i) {
    component.replicas.push_back(first + i);
  }
}

// Regions, with all replicas there, and control planes, in the order of the pools.
std::vector<Placed> Builder::of_pools(FaultScope scope) const {
  std::vector<Placed> placed;
  for (std::size_t i = 0; i < scenario_->pools.size(); ++i) {
    const std::string& region = scenario_->pools[i].region;
    const std::string provider = catalog::provider_of(region);
    const bool of_region = scope == FaultScope::region;
    const std::string name = FaultTarget{scope, of_region ? region : provider}.name();
    auto found = std::find_if(placed.begin(), placed.end(),
                              [&](const Placed& p) { return p.component.name == name; });
    if (found == placed.end()) {
      placed.push_back({{name, scope}, "", of_region ? region : "", provider});
      found = placed.end() - 1;
    }
    if (of_region) {
      add_replicas(found->component, i);
    } else {
      found->component.pools.push_back(static_cast<std::uint16_t>(i));
    }
  }
  return placed;
}

std::vector<Placed> Builder::standing(FaultScope scope) const {
  return scope == FaultScope::region || scope == FaultScope::control_plane ? of_pools(scope)
                                                                           : on_nodes(scope);
}

std::uint32_t Builder::number_of(Component component) {
  const auto next = static_cast<std::uint32_t>(input_.components.size());
  const auto [place, is_new] = numbers_.emplace(component.name, next);
  if (is_new) input_.components.push_back(std::move(component));
  return place->second;
}

void Builder::add(const FaultRule& rule) {
  const auto chosen = [](const std::vector<std::string>& names, const std::string& name) {
    return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
  };
  input_.kinds.push_back(rule.kind);
  if (!rule.kind.life.fails()) return;
  const auto kind = static_cast<std::uint32_t>(input_.kinds.size() - 1);
  for (Placed& placed : standing(rule.scope)) {
    if (!chosen(rule.racks, placed.rack) || !chosen(rule.regions, placed.region) ||
        !chosen(rule.providers, placed.provider)) {
      continue;
    }
    input_.lives.push_back({number_of(std::move(placed.component)), kind});
  }
}

// What a script names, with the replicas that are there, if any are.
Component Builder::aimed_at(const FaultTarget& target) const {
  Component component{target.name(), target.scope};
  if (target.scope == FaultScope::node || target.scope == FaultScope::rack) {
    for (Placed& placed : on_nodes(target.scope)) {
      if (placed.component.name == component.name) return std::move(placed.component);
    }
    return component;
  }
  if (target.scope == FaultScope::link) component.link = target.place;
  for (std::size_t i = 0; i < scenario_->pools.size(); ++i) {
    const PoolPlan& pool = scenario_->pools[i];
    const bool there = target.place == pool.region;
    if (target.scope == FaultScope::control_plane &&
        (there || target.place == catalog::provider_of(pool.region))) {
      component.pools.push_back(static_cast<std::uint16_t>(i));
    }
    if ((target.scope == FaultScope::region && there) ||
        (target.scope == FaultScope::cluster && target.place == pool.at) ||
        (target.scope == FaultScope::pool && target.place == pool.name)) {
      add_replicas(component, i);
    }
    if (target.scope == FaultScope::replica && target.place == pool.name) {
      add_replicas(component, i);
      component.replicas = {component.replicas[target.number]};
    }
  }
  return component;
}

void Builder::add(const ScriptedFault& fault) {
  Component component = aimed_at(fault.target);
  component.share = fault.share;
  if (fault.target.scope == FaultScope::link) {  // each outage leaves its own share
    input_.components.push_back(std::move(component));
    const auto last = static_cast<std::uint32_t>(input_.components.size() - 1);
    input_.scripted.push_back({last, fault.begin, fault.end});
    return;
  }
  input_.scripted.push_back({number_of(std::move(component)), fault.begin, fault.end});
}

FaultInput Builder::build() {
  input_.seed = scenario_->seed;
  input_.replication = scenario_->replication;
  for (const FaultRule& rule : scenario_->faults.rules) add(rule);
  for (const ScriptedFault& fault : scenario_->faults.scripted) add(fault);
  return std::move(input_);
}

}  // namespace

std::string FaultTarget::name() const {
  const bool numbered = scope == FaultScope::accelerator || scope == FaultScope::node ||
                        scope == FaultScope::rack || scope == FaultScope::replica;
  const std::string_view kind = fault_scopes[static_cast<std::size_t>(scope)];
  return numbered ? fmt::format("{} {}/{}", kind, place, number)
                  : fmt::format("{} {}", kind, place);
}

FaultInput fault_input(const Scenario& scenario) {
  FaultInput input = Builder(scenario).build();
  if (scenario.lost.empty()) return input;
  Component lost;
  lost.name = "what is lost";
  lost.replicas = scenario.lost;
  const auto number = static_cast<std::uint32_t>(input.components.size());
  input.components.push_back(std::move(lost));
  constexpr double longer_than_any_run_s = 1e15;
  input.scripted.push_back({number, Instant(0), Instant(longer_than_any_run_s)});
  return input;
}

std::vector<Component> components_of(const Scenario& scenario, FaultScope scope) {
  return Builder(scenario).components(scope);
}

}  // namespace tokenyard::fleet
