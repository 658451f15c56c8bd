// SPDX-License-Identifier: Apache-2.0
#include "network/wiring.hpp"

#include <algorithm>
#include <map>
#include <pugixml.hpp>
#include <string_view>
#include <utility>

#include "config/errors.hpp"
#include "core/contracts.hpp"
#include "core/ids.hpp"
#include "network/measure.hpp"
#include "network/radical.hpp"
#include "network/xml_file.hpp"

namespace tokenyard::network {
namespace {

bool is(pugi::xml_node element, std::string_view name) { return name == element.name(); }

std::string prop(pugi::xml_node element, const char* id) {
  return element.find_child_by_attribute("prop", "id", id).attribute("value").value();
}

std::string text(pugi::xml_node element, const char* name) {
  return element.attribute(name).value();
}

BytesPerSecond bandwidth(pugi::xml_node element, const char* name) {
  return BytesPerSecond(quantity(text(element, name), Measure::bandwidth));
}

Duration latency(pugi::xml_node element, const char* name) {
  const std::string given = text(element, name);
  return Duration(given.empty() ? 0 : quantity(given, Measure::latency));
}

Link::Sharing sharing(pugi::xml_node element, const char* name, Link::Sharing otherwise) {
  const std::string given = text(element, name);
  if (given == "SHARED") return Link::Sharing::both_directions;
  if (given == "SPLITDUPLEX") return Link::Sharing::each_direction;
  return given == "FATPIPE" ? Link::Sharing::no_flows : otherwise;
}

// The way back over the same links.
std::vector<Hop> turned(std::vector<Hop> hops, const std::vector<Link>& links) {
  std::reverse(hops.begin(), hops.end());
  for (Hop& hop : hops) {
    if (links[index(hop.link)].sharing != Link::Sharing::each_direction) continue;
    const bool forth = hop.direction == Hop::Direction::forth;
    hop.direction = forth ? Hop::Direction::back : Hop::Direction::forth;
  }
  return hops;
}

// Two walks: routes may name what stands below them.
class Reader {
 public:
  Wiring read(pugi::xml_node root) {
    for (const pugi::xml_node zone : root.children("zone")) add_places(zone, "");
    for (const pugi::xml_node zone : root.children("zone")) add_routes(zone);
    return std::move(wiring_);
  }

 private:
  void add_places(pugi::xml_node zone, std::string region) {
    if (const std::string own = prop(zone, "region"); !own.empty()) region = own;
    for (const pugi::xml_node child : zone.children()) {
      if (is(child, "zone")) add_places(child, region);
      if (is(child, "cluster")) add_cluster(child, region);
      if (is(child, "router")) place_of_[text(child, "id")] = add_place(region);
      if (is(child, "link")) {
        link_of_[text(child, "id")] =
            add_link({text(child, "id"), bandwidth(child, "bandwidth"), latency(child, "latency"),
                      sharing(child, "sharing_policy", Link::Sharing::both_directions)});
      }
    }
  }

  void add_routes(pugi::xml_node zone) {
    const bool searches = text(zone, "routing") != "Full";
    for (const pugi::xml_node child : zone.children()) {
      if (is(child, "zone")) add_routes(child);
      if (is(child, "zoneRoute")) add_route(child, "gw_src", "gw_dst", searches);
      if (is(child, "route")) add_route(child, "src", "dst", searches);
    }
  }

  std::uint32_t add_place(const std::string& region) {
    std::optional<RegionIndex> known;
    if (!region.empty()) known = region_named(region);
    wiring_.places.push_back({known});
    return static_cast<std::uint32_t>(wiring_.places.size() - 1);
  }

  RegionIndex region_named(const std::string& name) {
    auto& regions = wiring_.regions;
    const auto found = std::find(regions.begin(), regions.end(), name);
    const auto number = static_cast<std::uint32_t>(found - regions.begin());
    if (found == regions.end()) regions.push_back(name);
    return RegionIndex{number};
  }

  LinkIndex add_link(Link link) {
    wiring_.links.push_back(std::move(link));
    return LinkIndex{static_cast<std::uint32_t>(wiring_.links.size() - 1)};
  }

  // The nodes, their links to the switch, and its backbone, through which all of them pass.
  void add_cluster(pugi::xml_node cluster, const std::string& region) {
    const std::string id = text(cluster, "id");
    const Radical radical = parse_radical(text(cluster, "radical"));
    const std::uint32_t nodes = add_place(region);
    const std::uint32_t hub = add_place(region);
    wiring_.clusters.push_back({id, *wiring_.places[nodes].region, nodes});
    const std::string router = text(cluster, "router_id");
    place_of_[router.empty() ? text(cluster, "prefix") + id + "_router" + text(cluster, "suffix")
                             : router] = hub;
    const std::string topology = text(cluster, "topology");
    const bool flat = topology.empty() || topology == "FLAT";
    for (const Radical::Range range : radical.ranges) {
      if (flat) break;  // others have a node as their gateway
      for (std::uint32_t number = range.first; number <= range.last; ++number) {
        place_of_[text(cluster, "prefix") + std::to_string(number) + text(cluster, "suffix")] = hub;
      }
    }
    connect(nodes, hub, access(cluster, static_cast<std::uint32_t>(radical.nodes)), 0);
  }

  std::vector<Hop> access(pugi::xml_node cluster, std::uint32_t nodes) {
    const std::string id = text(cluster, "id");
    std::vector<Hop> hops;
    if (cluster.attribute("limiter_link")) {
      hops.push_back({add_link({id + "_limiter", bandwidth(cluster, "limiter_link"), Duration(0),
                                Link::Sharing::both_directions, nodes})});
    }
    hops.push_back(
        {add_link({id + "_link", bandwidth(cluster, "bw"), latency(cluster, "lat"),
                   sharing(cluster, "sharing_policy", Link::Sharing::each_direction), nodes})});
    if (cluster.attribute("bb_bw")) {
      hops.push_back(
          {add_link({id + "_backbone", bandwidth(cluster, "bb_bw"), latency(cluster, "bb_lat"),
                     sharing(cluster, "bb_sharing_policy", Link::Sharing::both_directions)})});
    }
    return hops;
  }

  void add_route(pugi::xml_node route, const char* source, const char* target, bool searches) {
    std::vector<Hop> hops;
    for (const pugi::xml_node part : route.children("link_ctn")) {
      const bool back = text(part, "direction") == "DOWN";
      hops.push_back(
          {link_of_.at(text(part, "id")), back ? Hop::Direction::back : Hop::Direction::forth});
    }
    const double cost = searches ? static_cast<double>(hops.size()) : 1;
    const std::uint32_t from = place_of_.at(text(route, source));
    const std::uint32_t to = place_of_.at(text(route, target));
    const std::string symmetrical = text(route, "symmetrical");
    if (symmetrical != "NO" && symmetrical != "no") return connect(from, to, hops, cost);
    wiring_.routes.push_back({from, to, std::move(hops), cost});
  }

  void connect(std::uint32_t a, std::uint32_t b, const std::vector<Hop>& hops, double cost) {
    wiring_.routes.push_back({a, b, hops, cost});
    wiring_.routes.push_back({b, a, turned(hops, wiring_.links), cost});
  }

  Wiring wiring_;
  std::map<std::string, std::uint32_t> place_of_;  // by the names of routers and nodes
  std::map<std::string, LinkIndex> link_of_;
};

}  // namespace

Wiring read_wiring(const PlatformFile& source) {
  config::Mistakes mistakes;
  const XmlFile xml(source, mistakes);
  SIM_EXPECT(mistakes.empty());
  return Reader().read(xml.root());
}

}  // namespace tokenyard::network
