// SPDX-License-Identifier: Apache-2.0
#include "network/cluster_reader.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "config/errors.hpp"
#include "network/precheck.hpp"

namespace tokenyard::network {

void ClusterReader::read(pugi::xml_node element) {
  Cluster cluster{element.attribute("id").value(), prop(element.parent(), "region"),
                  prop(element, "rack"), static_cast<std::uint32_t>(layout_.nodes.size())};
  if (cluster.rack.empty()) {
    xml_->missing(element, "rack",
                  "missing (what its nodes are); put <prop id=\"rack\" value=\"...\"/> into the "
                  "cluster, an entry of catalog/racks.yaml");
  }
  if (cluster.region.empty()) {
    xml_->missing(element.parent(), "region",
                  "missing (where its clusters stand); put <prop id=\"region\" value=\"...\"/> "
                  "first into the zone, an entry of catalog/regions.yaml");
  }
  check_pairs(element);
  add_nodes(element);
  cluster.nodes = static_cast<std::uint32_t>(layout_.nodes.size()) - cluster.first_node;
  const std::string_view topology = element.attribute("topology").value();
  cluster.flat = topology.empty() || topology == "FLAT";
  layout_.clusters.push_back(std::move(cluster));

  // SimGrid's own choice, which routes may name.
  if (!element.attribute("router_id")) {
    names_->give_netpoint(element.attribute("prefix").value() +
                          std::string(element.attribute("id").value()) + "_router" +
                          element.attribute("suffix").value());
  }
}

// SimGrid would build links of bandwidth zero, or throw without saying why.
void ClusterReader::check_pairs(pugi::xml_node element) {
  struct Pair {
    const char* given;
    const char* needs;
    const char* lack;
  };
  for (const Pair pair :
       {Pair{"bb_lat", "bb_bw", "bandwidth"}, Pair{"loopback_lat", "loopback_bw", "bandwidth"},
        Pair{"topology", "topo_parameters", "shape"}}) {
    const pugi::xml_attribute given = element.attribute(pair.given);
    const bool is_flat = std::string_view(given.value()) == "FLAT";
    if (!given || is_flat || element.attribute(pair.needs)) continue;
    xml_->mistake(
        element, given,
        "has no " + std::string(pair.lack) + " beside it; add '" + pair.needs + "' or remove it");
  }
}

void ClusterReader::add_nodes(pugi::xml_node element) {
  const pugi::xml_attribute attribute = element.attribute("radical");
  const Radical radical = parse_radical(attribute.value());
  if (!radical.problem.empty()) return;  // noted with the attribute
  nodes_ += radical.nodes;
  if (nodes_ > most_nodes) {
    xml_->mistake(element, attribute,
                  "brings the file to " + std::to_string(nodes_) + " nodes, more than " +
                      std::to_string(most_nodes) + "; take fewer");
    return;
  }
  const std::string prefix = element.attribute("prefix").value();
  const std::string suffix = element.attribute("suffix").value();
  for (const Radical::Range range : radical.ranges) {
    for (std::uint32_t number = range.first; number <= range.last; ++number) {
      std::string name = prefix + std::to_string(number) + suffix;
      if (!names_->give_netpoint(name)) {
        xml_->mistake(element, attribute,
                      "makes a second " + config::in_quotes(name) +
                          " (the names of nodes, zones and routers are one set); change the "
                          "prefix or the numbers");
        return;
      }
      layout_.nodes.push_back(std::move(name));
    }
  }
}

// The value of a <prop> directly in the element; empty if there is none.
std::string ClusterReader::prop(pugi::xml_node element, const char* id) const {
  return element.find_child_by_attribute("prop", "id", id).attribute("value").value();
}

Layout ClusterReader::finish() {
  if (layout_.clusters.empty()) {
    xml_->mistake(xml_->root(), "has no <cluster>, so no node; add one");
  }
  return std::move(layout_);
}

}  // namespace tokenyard::network
