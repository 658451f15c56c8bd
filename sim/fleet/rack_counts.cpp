// SPDX-License-Identifier: Apache-2.0
#include "fleet/rack_counts.hpp"

#include <algorithm>
#include <string>

#include "config/errors.hpp"
#include "network/precheck.hpp"

namespace tokenyard::fleet {
namespace {

const network::Cluster* find(const network::Layout& layout, const std::string& name) {
  const auto found = std::find_if(layout.clusters.begin(), layout.clusters.end(),
                                  [&](const auto& cluster) { return cluster.name == name; });
  return found == layout.clusters.end() ? nullptr : &*found;
}

// Why the racks of a cluster cannot be counted: "problem; what to do". Empty if they can.
std::string problem_of(const std::string& name, const network::Layout& layout,
                       const catalog::Catalog& catalog) {
  const network::Cluster* cluster = find(layout, name);
  if (cluster == nullptr) {
    std::vector<std::string> known;
    for (const network::Cluster& one : layout.clusters) known.push_back(one.name);
    return config::unknown_name(name, known);
  }
  if (!catalog.racks.contains(cluster->rack)) {
    return "the rack " + config::in_quotes(cluster->rack) +
           " is not in the catalogue beside the platform file, so its nodes are unknown; add it "
           "there";
  }
  if (!cluster->flat) {
    return config::in_quotes(name) +
           " is not FLAT (its shape fixes its nodes); write another platform file";
  }
  return "";
}

}  // namespace

std::vector<network::NodeCount> read_rack_counts(config::Section& platform,
                                                 const network::Layout& layout,
                                                 const catalog::Catalog& catalog) {
  std::vector<network::NodeCount> counts;
  config::Section racks = platform.child("racks");
  for (const std::string& name : racks.names()) {
    const auto limits = config::Limits{1, static_cast<double>(network::most_nodes)};
    const auto count = racks.required<std::uint64_t>(name, limits);
    const std::string problem = problem_of(name, layout, catalog);
    if (!problem.empty()) {
      racks.mistake(name, problem);
      continue;
    }
    const catalog::Rack& rack = catalog.racks.at(find(layout, name)->rack);
    const std::uint64_t nodes = count * static_cast<std::uint64_t>(rack.nodes);
    if (nodes > network::most_nodes) {
      racks.mistake(name, "makes " + std::to_string(nodes) + " nodes, more than a platform's " +
                              std::to_string(network::most_nodes) + "; take fewer racks");
      continue;
    }
    counts.push_back({name, nodes});
  }
  racks.finish();
  return counts;
}

}  // namespace tokenyard::fleet
