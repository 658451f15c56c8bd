// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/quantity.hpp"

namespace tokenyard::network {

// A node of the platform: clusters in file order, the nodes of each in the order of its radical.
enum class NodeIndex : std::uint32_t {};

// The nodes of one rack kind at one region: a <cluster> of the file.
struct Cluster {
  std::string name;    // aws/us-east-1/h100
  std::string region;  // prop 'region' of its zone, an entry of catalog/regions.yaml
  std::string rack;    // prop 'rack', an entry of catalog/racks.yaml
  std::uint32_t first_node = 0;
  std::uint32_t nodes = 0;
  bool flat = true;  // each node has its own links to one switch; not in a torus, tree, dragonfly
};

// What a region has room for: props of its zone. Whoever places racks there keeps to it.
struct Site {
  std::string region;
  std::optional<Watts> power = {};               // prop 'power': what its racks may draw
  std::optional<std::uint32_t> rack_slots = {};  // prop 'rack_slots': physical racks
};

// What stands where, as the platform file declares it.
struct Layout {
  std::vector<Cluster> clusters;   // in file order
  std::vector<std::string> nodes;  // names, by NodeIndex
  std::vector<Site> sites = {};    // the regions, in file order
};

}  // namespace tokenyard::network
