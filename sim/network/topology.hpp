// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/quantity.hpp"
#include "network/most_flow.hpp"
#include "network/platform_file.hpp"
#include "network/wiring.hpp"

namespace tokenyard::network {

// What a question leaves out of the platform.
struct Loss {
  std::vector<RegionIndex> regions;  // with all that stands in them
  std::vector<LinkIndex> links;      // in both directions

  bool empty() const { return regions.empty() && links.empty(); }
};

// A way from one place to another. A transfer that leaves the file's own route follows it from
// region to region, as a chain of flows.
struct Path {
  std::vector<RegionIndex> regions;  // from the first to the last
  std::vector<Hop> hops;             // the links, in order
  Duration latency;
  BytesPerSecond bandwidth;  // of the narrowest link, which is what one flow can have
};

// What a loss does to one pair of regions.
struct PairLoss {
  RegionIndex from;
  RegionIndex to;
  Path before;
  std::optional<Path> after;  // nothing: out of reach
  BytesPerSecond most_before;
  BytesPerSecond most_after;
};

// The regions, clusters and links of a platform file as a graph: what is near, what fits through,
// and what is left when something fails. It needs no SimGrid and never changes; ask it as often as
// needed, also for a platform that is only checked.
class Topology {
 public:
  // Of a file that precheck found without mistakes.
  static Topology read(const PlatformFile& source);

  const std::vector<std::string>& regions() const { return wiring_.regions; }
  const std::vector<WiredCluster>& clusters() const { return wiring_.clusters; }  // as Layout's
  const std::vector<Link>& links() const { return wiring_.links; }
  std::optional<RegionIndex> region(std::string_view name) const;
  std::optional<LinkIndex> link(std::string_view name) const;

  // The way that SimGrid's transfers take if it survives: the fewest routes of the file (links,
  // where routing is Floyd or Dijkstra). Else the surviving way of the least latency. Between
  // regions it leads from border to border; between clusters from a node to a node. Two different
  // ones each; nothing: out of reach.
  std::optional<Path> path(RegionIndex from, RegionIndex to, const Loss& loss = {}) const;
  std::optional<Path> path(ClusterIndex from, ClusterIndex to, const Loss& loss = {}) const;

  // From all nodes of one region to all of another, by any ways.
  Capacity capacity(RegionIndex from, RegionIndex to, const Loss& loss = {}) const;

  // The ordered pairs of regions that the loss does something to, in the order of the file.
  std::vector<PairLoss> cost_of(const Loss& loss) const;

 private:
  explicit Topology(Wiring wiring) : wiring_(std::move(wiring)) {}

  std::optional<Path> path_between(const std::vector<std::uint32_t>& from,
                                   const std::vector<std::uint32_t>& to, const Loss& loss) const;
  std::vector<std::uint32_t> places_in(RegionIndex region) const;

  Wiring wiring_;
};

}  // namespace tokenyard::network
