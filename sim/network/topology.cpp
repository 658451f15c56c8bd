// SPDX-License-Identifier: Apache-2.0
#include "network/topology.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "core/contracts.hpp"
#include "core/ids.hpp"
#include "network/least_path.hpp"
#include "network/most_flow.hpp"

namespace tokenyard::network {
namespace {

template <class Index, class Entries, class Name>
std::optional<Index> find(const Entries& entries, Name matches) {
  const auto found = std::find_if(entries.begin(), entries.end(), matches);
  if (found == entries.end()) return std::nullopt;
  return Index{static_cast<std::uint32_t>(found - entries.begin())};
}

// Routes that a loss leaves, by their numbers.
std::vector<bool> surviving(const Wiring& wiring, const Loss& loss) {
  const std::set<RegionIndex> regions(loss.regions.begin(), loss.regions.end());
  const std::set<LinkIndex> links(loss.links.begin(), loss.links.end());
  const auto is_lost = [&](std::uint32_t place) {
    const auto& region = wiring.places[place].region;
    return region && regions.contains(*region);
  };
  std::vector<bool> left;
  for (const Route& route : wiring.routes) {
    const bool cut = std::any_of(route.hops.begin(), route.hops.end(),
                                 [&](const Hop& hop) { return links.contains(hop.link); });
    left.push_back(!cut && !is_lost(route.from) && !is_lost(route.to));
  }
  return left;
}

// What the routes of a way come to. `routes` is in order and not empty.
Path path_over(const Wiring& wiring, const std::vector<std::uint32_t>& routes) {
  Path path;
  path.bandwidth = BytesPerSecond(std::numeric_limits<double>::infinity());
  const auto pass = [&](std::uint32_t place) {
    const auto& region = wiring.places[place].region;
    if (!region || (!path.regions.empty() && path.regions.back() == *region)) return;
    path.regions.push_back(*region);
  };
  pass(wiring.routes[routes.front()].from);
  for (const std::uint32_t number : routes) {
    const Route& route = wiring.routes[number];
    for (const Hop& hop : route.hops) {
      const Link& link = wiring.links[index(hop.link)];
      path.hops.push_back(hop);
      path.latency += link.latency;
      path.bandwidth = std::min(path.bandwidth, link.bandwidth);
    }
    pass(route.to);
  }
  return path;
}

}  // namespace

Topology Topology::read(const PlatformFile& source) { return Topology(read_wiring(source)); }

std::optional<RegionIndex> Topology::region(std::string_view name) const {
  return find<RegionIndex>(wiring_.regions, [&](const std::string& one) { return one == name; });
}

std::optional<LinkIndex> Topology::link(std::string_view name) const {
  return find<LinkIndex>(wiring_.links, [&](const Link& one) { return one.name == name; });
}

std::vector<std::uint32_t> Topology::places_in(RegionIndex region) const {
  std::vector<std::uint32_t> places;
  for (std::uint32_t place = 0; place < wiring_.places.size(); ++place) {
    if (wiring_.places[place].region == region) places.push_back(place);
  }
  return places;
}

std::optional<Path> Topology::path(RegionIndex from, RegionIndex to, const Loss& loss) const {
  SIM_EXPECT(from != to && std::max(index(from), index(to)) < regions().size());
  return path_between(places_in(from), places_in(to), loss);
}

std::optional<Path> Topology::path(ClusterIndex from, ClusterIndex to, const Loss& loss) const {
  SIM_EXPECT(from != to && std::max(index(from), index(to)) < clusters().size());
  return path_between({clusters()[index(from)].nodes}, {clusters()[index(to)].nodes}, loss);
}

std::optional<Path> Topology::path_between(const std::vector<std::uint32_t>& from,
                                           const std::vector<std::uint32_t>& to,
                                           const Loss& loss) const {
  const std::vector<bool> all(wiring_.routes.size(), true);
  std::vector<std::uint32_t> routes = least_path(wiring_, {from, to, all, Prefer::own_route});
  if (!loss.empty()) {
    const std::vector<bool> left = surviving(wiring_, loss);
    const auto survives = [&](std::uint32_t route) { return left[route]; };
    if (!std::all_of(routes.begin(), routes.end(), survives)) {
      routes = least_path(wiring_, {from, to, left, Prefer::least_latency});
    }
  }
  if (routes.empty()) return std::nullopt;
  return path_over(wiring_, routes);
}

Capacity Topology::capacity(RegionIndex from, RegionIndex to, const Loss& loss) const {
  SIM_EXPECT(from != to && std::max(index(from), index(to)) < regions().size());
  MostFlow flow(wiring_, surviving(wiring_, loss));
  for (const WiredCluster& cluster : clusters()) {
    if (cluster.region == from) flow.add_source(cluster.nodes);
    if (cluster.region == to) flow.add_target(cluster.nodes);
  }
  return flow.find();
}

std::vector<PairLoss> Topology::cost_of(const Loss& loss) const {
  std::vector<PairLoss> pairs;
  const auto count = static_cast<std::uint32_t>(regions().size());
  for (std::uint32_t i = 0; i < count * count; ++i) {
    const RegionIndex from{i / count};
    const RegionIndex to{i % count};
    if (from == to) continue;
    std::optional<Path> before = path(from, to);
    if (!before) continue;
    PairLoss pair{from,
                  to,
                  *std::move(before),
                  path(from, to, loss),
                  capacity(from, to).most,
                  capacity(from, to, loss).most};
    const bool same_way = pair.after && pair.after->hops == pair.before.hops;
    if (!same_way || pair.most_after < pair.most_before) pairs.push_back(std::move(pair));
  }
  return pairs;
}

}  // namespace tokenyard::network
