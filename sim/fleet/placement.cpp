// SPDX-License-Identifier: Apache-2.0
#include "fleet/placement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tokenyard::fleet {
namespace {

using config::Section;
using network::Cluster;

constexpr std::size_t no_pool_part = static_cast<std::size_t>(-1);

std::int64_t ceiling(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

const catalog::Rack* rack_of(const Scenario& scenario, const Cluster& cluster) {
  const auto rack = scenario.catalog->racks.find(cluster.rack);
  return rack == scenario.catalog->racks.end() ? nullptr : &rack->second;
}

// "4" or "0-15", numbers of nodes from 0. Empty if it is neither.
std::optional<std::pair<std::uint32_t, std::uint32_t>> range_of(std::string_view text) {
  std::uint32_t from = 0;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, from);
  if (first.ec != std::errc()) return std::nullopt;
  if (first.ptr == end) return std::pair(from, from);
  std::uint32_t to = 0;
  if (*first.ptr != '-') return std::nullopt;
  const auto last = std::from_chars(first.ptr + 1, end, to);
  if (last.ec != std::errc() || last.ptr != end || to < from) return std::nullopt;
  return std::pair(from, to);
}

}  // namespace

const Cluster* find_cluster(const Scenario& scenario, std::string_view name) {
  for (const Cluster& cluster : scenario.layout.clusters) {
    if (cluster.name == name) return &cluster;
  }
  return nullptr;
}

std::string not_a_cluster(const Scenario& scenario, const std::string& name) {
  std::vector<std::string> known;
  for (const Cluster& cluster : scenario.layout.clusters) known.push_back(cluster.name);
  const std::string meant = config::nearest(name, known);
  return config::in_quotes(name) + " is not a cluster of the platform; " +
         (meant.empty() ? "`tokenyard platform info` lists them"
                        : "did you mean " + config::in_quotes(meant) + "?");
}

Placement::Placement(const Scenario& scenario)
    : scenario_(&scenario), taken_(scenario.layout.nodes.size(), 0) {}

Placement::Shape Placement::shape_of(const PoolPlan& pool) {
  const model::Deployment& d = pool.deployment;
  const std::int64_t a_node = pool.rack->chips_per_node;
  const std::int64_t stage = d.chips_per_stage() * d.data;
  Shape shape{a_node, d.chips(), 1, 1, 1};
  if (shape.chips <= a_node) return shape;
  // Stages smaller than a node share nodes, but none lies across two.
  const std::int64_t stages_a_node = std::max<std::int64_t>(1, a_node / stage);
  shape.stage_nodes = static_cast<std::uint32_t>(ceiling(stage, a_node));
  shape.nodes = static_cast<std::uint32_t>(ceiling(d.pipeline, stages_a_node) * shape.stage_nodes);
  shape.domain_nodes =
      static_cast<std::uint32_t>(std::max<std::int64_t>(1, d.scale_up_chips() / a_node));
  return shape;
}

bool Placement::has_room(const Cluster& cluster, std::uint32_t node, const Shape& shape,
                         const std::vector<bool>& allowed) const {
  if (node + shape.nodes > cluster.nodes) return false;
  const auto taken = [&](std::uint32_t of) { return taken_[cluster.first_node + of]; };
  if (shape.nodes == 1 && shape.chips <= shape.chips_per_node) {
    return allowed[node] && taken(node) + shape.chips <= shape.chips_per_node;
  }
  for (std::uint32_t i = node; i < node + shape.nodes; ++i) {
    if (!allowed[i] || taken(i) > 0) return false;
  }
  for (std::uint32_t i = node; i < node + shape.nodes; i += shape.stage_nodes) {
    if (i % shape.domain_nodes + shape.stage_nodes > shape.domain_nodes) return false;
  }
  return true;
}

void Placement::take(std::uint32_t node, std::int64_t chips, std::size_t pool) {
  taken_[node] += chips;
  if (pool == no_pool_part) return;
  if (parts_.size() <= pool) parts_.resize(pool + 1);
  std::vector<Part>& parts = parts_[pool];
  if (!parts.empty() && parts.back().node == node) {
    parts.back().chips += chips;
  } else {
    parts.push_back({node, chips});
  }
}

// All nodes, or those that are named: by name, by number in the cluster, or from one to another.
std::vector<bool> Placement::allowed_nodes(Section& section, const Cluster& cluster) const {
  if (!section.has("nodes")) return std::vector<bool>(cluster.nodes, true);
  std::vector<bool> allowed(cluster.nodes, false);
  for (const std::string& text : section.strings("nodes", Section::Numbers::as_written)) {
    const auto first = scenario_->layout.nodes.begin() + cluster.first_node;
    const auto named = std::find(first, first + cluster.nodes, text);
    auto range = range_of(text);
    if (named != first + cluster.nodes) {
      const auto number = static_cast<std::uint32_t>(named - first);
      range = std::pair(number, number);
    }
    if (!range || range->second >= cluster.nodes) {
      section.mistake("nodes",
                      fmt::format("'{}' is no node of {}; say numbers from 0 to {}, as 3 or 0-7, "
                                  "or names like {}",
                                  text, cluster.name, cluster.nodes - 1, *first));
      return std::vector<bool>(cluster.nodes, true);
    }
    std::fill(allowed.begin() + range->first, allowed.begin() + range->second + 1, true);
  }
  return allowed;
}

void Placement::place(Section& section, PoolPlan& pool) {
  const Cluster& cluster = *find_cluster(*scenario_, pool.at);
  const Shape shape = shape_of(pool);
  const std::vector<bool> allowed = allowed_nodes(section, cluster);
  const std::size_t number = scenario_->pools.size();
  const auto free = [&](std::uint32_t of) {
    return allowed[of] && taken_[cluster.first_node + of] < shape.chips_per_node;
  };
  std::int64_t untouched = 0;
  for (std::uint32_t i = 0; i < cluster.nodes; ++i) untouched += free(i) ? 1 : 0;
  std::uint32_t node = 0;
  while (std::ssize(pool.places) < pool.replicas) {
    while (node < cluster.nodes && !has_room(cluster, node, shape, allowed)) ++node;
    if (node >= cluster.nodes) break;
    const std::uint32_t first = cluster.first_node + node;
    for (std::uint32_t i = 0; i < shape.nodes; ++i) {
      take(first + i, shape.nodes == 1 ? shape.chips : shape.chips_per_node, number);
    }
    pool.places.push_back({network::NodeIndex{first}, shape.nodes});
    if (shape.nodes > 1) node += shape.nodes;
  }
  if (std::ssize(pool.places) == pool.replicas) return;
  section.mistake(
      "replicas",
      fmt::format("{} replicas of {} accelerators ({}) do not fit on {}: there is room for {}, on "
                  "{} of {} nodes that are free and allowed; lower it, or choose another cluster",
                  pool.replicas, pool.deployment.chips(),
                  shape.nodes > 1 ? fmt::format("{} nodes each", shape.nodes) : "in a node",
                  pool.at, pool.places.size(), untouched, cluster.nodes));
  pool.places.resize(static_cast<std::size_t>(pool.replicas), {network::NodeIndex{}, 1});
}

void Placement::place(Section& section, std::string_view key, StorePlan& store) {
  const Cluster* cluster = find_cluster(*scenario_, store.at);
  if (cluster == nullptr) {
    return section.mistake(key, not_a_cluster(*scenario_, store.at));
  }
  const catalog::Rack* rack = rack_of(*scenario_, *cluster);
  if (rack == nullptr) return section.mistake(key, "its rack is not in the catalogue; add it");
  std::int64_t row = 0;  // free nodes one behind the other
  for (std::uint32_t i = 0; i < cluster->nodes; ++i) {
    row = taken_[cluster->first_node + i] == 0 ? row + 1 : 0;
    if (row < store.nodes) continue;
    store.first_node = cluster->first_node + i + 1 - static_cast<std::uint32_t>(store.nodes);
    for (std::uint32_t n = 0; n < store.nodes; ++n) {
      take(store.first_node + n, rack->chips_per_node, no_pool_part);
    }
    return;
  }
  section.mistake(key, fmt::format("the store needs {} free nodes in a row of {}, which has {}; "
                                   "lower it, or choose another cluster",
                                   store.nodes, store.at, cluster->nodes));
}

void Placement::settle(Section& fleet, std::vector<PoolPlan>& pools) const {
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    PoolPlan& pool = pools[i];
    pool.nodes = std::ssize(parts_[i]);
    pool.node_share = 0;
    for (const Part& part : parts_[i]) {
      pool.node_share += static_cast<double>(part.chips) / static_cast<double>(taken_[part.node]);
    }
  }
  for (const network::Site& site : scenario_->layout.sites) check_site(fleet, site);
}

// The nodes that pools and stores stand on, against what the region has room for.
void Placement::check_site(Section& fleet, const network::Site& site) const {
  if (!site.power && !site.rack_slots) return;
  Watts power;
  std::int64_t slots = 0;
  for (const Cluster& cluster : scenario_->layout.clusters) {
    const catalog::Rack* rack = rack_of(*scenario_, cluster);
    if (cluster.region != site.region || rack == nullptr) continue;
    std::int64_t last_rack = -1;
    for (std::uint32_t i = 0; i < cluster.nodes; ++i) {
      if (taken_[cluster.first_node + i] == 0) continue;
      power += rack->rack_power * (1 / static_cast<double>(rack->nodes));
      const std::int64_t own = i / rack->nodes;
      if (own != last_rack) slots += rack->slots;
      last_rack = own;
    }
  }
  if (site.power && power > *site.power) {
    fleet.mistake("pools",
                  fmt::format("need {:.0f} kW of {}, which has {:.0f} kW; use fewer nodes "
                              "there, or another region",
                              power.value() / 1e3, site.region, site.power->value() / 1e3));
  }
  if (site.rack_slots && slots > *site.rack_slots) {
    fleet.mistake("pools", fmt::format("need {} racks of {}, which has room for {}; use fewer "
                                       "nodes there, or another region",
                                       slots, site.region, *site.rack_slots));
  }
}

}  // namespace tokenyard::fleet
