// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/quantity.hpp"
#include "network/platform_file.hpp"

namespace tokenyard::network {

enum class RegionIndex : std::uint32_t {};   // in the order of their first clusters
enum class ClusterIndex : std::uint32_t {};  // in file order, as in Layout
enum class LinkIndex : std::uint32_t {};     // in file order

// A link of the file, or what joins the nodes of a cluster to its switch.
struct Link {
  enum class Sharing : std::uint8_t { both_directions, each_direction, no_flows };

  std::string name;
  BytesPerSecond bandwidth;
  Duration latency;
  Sharing sharing = Sharing::both_directions;
  std::uint32_t count = 1;  // equal ones beside each other: one a node
};

// A link as a route passes it. A link that both directions share is always passed `forth`.
struct Hop {
  enum class Direction : std::uint8_t { forth, back };

  LinkIndex link;
  Direction direction = Direction::forth;

  bool operator==(const Hop&) const = default;
};

struct WiredCluster {
  std::string name;
  RegionIndex region;
  std::uint32_t nodes;  // the place of its nodes
};

// Where links meet: the nodes of a cluster, its switch, a router.
struct Place {
  std::optional<RegionIndex> region;
};

// A one-way connection of two places.
struct Route {
  std::uint32_t from;
  std::uint32_t to;
  std::vector<Hop> hops;
  double cost;  // SimGrid takes the way of the least sum: 1, or the links where it searches
};

// A platform file as places and the routes between them.
struct Wiring {
  std::vector<std::string> regions;
  std::vector<WiredCluster> clusters;
  std::vector<Link> links;
  std::vector<Place> places;
  std::vector<Route> routes;
};

// Of a file that precheck found without mistakes.
Wiring read_wiring(const PlatformFile& source);

}  // namespace tokenyard::network
