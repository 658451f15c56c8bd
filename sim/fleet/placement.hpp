// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "config/section.hpp"
#include "fleet/scenario.hpp"

namespace tokenyard::fleet {

// Which accelerators of a platform are taken. Replicas take them in the order of the pools, each on
// the first nodes of its cluster that have room:
// - one that fits into a node takes accelerators of a single node, beside others if need be;
// - a larger one takes whole nodes, one behind the other. The accelerators of a stage share a
//   scale-up domain: domains are as many nodes as have its accelerators, counted from the first.
class Placement {
 public:
  explicit Placement(const Scenario& scenario);

  // Notes a mistake if not all replicas find a place, and sets their places.
  void place(config::Section& section, PoolPlan& pool);

  // Whole nodes for a store.
  void place(config::Section& section, std::string_view key, StorePlan& store);

  // After all: what each pool has of the nodes that it shares, and whether the sites have room.
  void settle(config::Section& fleet, std::vector<PoolPlan>& pools) const;

 private:
  // What a replica takes.
  struct Shape {
    std::int64_t chips_per_node;
    std::int64_t chips;  // of the replica, if it fits into a node; else of whole nodes
    std::uint32_t nodes;
    std::uint32_t stage_nodes;   // that must lie in one domain
    std::uint32_t domain_nodes;  // of a scale-up domain
  };
  static Shape shape_of(const PoolPlan& pool);
  bool has_room(const network::Cluster& cluster, std::uint32_t node, const Shape& shape,
                const std::vector<bool>& allowed) const;
  void take(std::uint32_t node, std::int64_t chips, std::size_t pool);
  std::vector<bool> allowed_nodes(config::Section& section, const network::Cluster& cluster) const;
  std::string known_clusters() const;
  void check_site(config::Section& fleet, const network::Site& site) const;

  struct Part {
    std::uint32_t node;
    std::int64_t chips;
  };

  const Scenario* scenario_;
  std::vector<std::int64_t> taken_;       // accelerators, by node of the platform
  std::vector<std::vector<Part>> parts_;  // of each pool
};

}  // namespace tokenyard::fleet
