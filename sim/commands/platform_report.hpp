// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catalog/catalog.hpp"
#include "network/layout.hpp"
#include "network/topology.hpp"

namespace tokenyard::commands {

// What `platform info` says, before it is put into words.
struct PlatformReport {
  struct Kind {  // the racks of one cluster; what the catalogue does not know is not counted
    std::string cluster;
    std::string rack;
    std::uint32_t nodes = 0;
    std::optional<std::int64_t> racks;
    std::optional<std::int64_t> accelerators;
    std::int64_t slots = 0;           // physical racks
    std::optional<Watts> node_power;  // of all nodes at their most
    std::optional<Watts> rack_power;  // with what racks share
  };
  struct Region {
    std::string name;
    std::vector<Kind> kinds;
    std::optional<Watts> limit;               // of its site
    std::optional<std::uint32_t> rack_slots;  // of its site
  };

  std::string file;
  std::vector<Region> regions;  // as the topology numbers them
  network::Topology topology;
  network::Loss loss;
  std::vector<std::string> lost;                                              // as they were named
  std::optional<std::pair<network::RegionIndex, network::RegionIndex>> pair;  // asked for
};

std::vector<PlatformReport::Region> regions_of(const network::Layout& layout,
                                               const network::Topology& topology,
                                               const catalog::Catalog& catalog);

// For people, at most 80 columns wide where names are not long; and the same as a JSON object.
std::string platform_table(const PlatformReport& report);
std::string platform_json(const PlatformReport& report);

}  // namespace tokenyard::commands
