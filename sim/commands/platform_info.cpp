// SPDX-License-Identifier: Apache-2.0
#include "commands/platform_info.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "commands/platform_report.hpp"
#include "config/errors.hpp"
#include "network/platform.hpp"
#include "network/precheck.hpp"

namespace tokenyard::commands {
namespace {

using network::Topology;

[[noreturn]] void fail(const std::string& option, std::string text) {
  throw config::ConfigError(config::Mistake{option, {}, "", std::move(text)});
}

network::RegionIndex region(const Topology& topology, const std::string& option,
                            const std::string& name) {
  if (const auto found = topology.region(name)) return *found;
  fail(option, config::unknown_name(name, topology.regions()));
}

void add_lost(const std::string& name, PlatformReport& report) {
  const Topology& topology = report.topology;
  report.lost.push_back(name);
  if (const auto region = topology.region(name)) return report.loss.regions.push_back(*region);
  if (const auto link = topology.link(name)) return report.loss.links.push_back(*link);
  std::vector<std::string> known = topology.regions();
  for (const network::Link& link : topology.links()) known.push_back(link.name);
  const std::string meant = config::nearest(name, known);
  fail("--lost", config::in_quotes(name) + " is no region or link of the platform; " +
                     (meant.empty() ? "name one of either" : "did you mean '" + meant + "'?"));
}

void read_questions(const PlatformInfoOptions& options, PlatformReport& report) {
  if (options.from.empty() != options.to.empty()) {
    fail(options.from.empty() ? "--to" : "--from", "stands alone; name both ends of the way");
  }
  if (!options.from.empty()) {
    const auto from = region(report.topology, "--from", options.from);
    const auto to = region(report.topology, "--to", options.to);
    if (from == to) fail("--to", "is the region of --from; name another");
    report.pair.emplace(from, to);
  }
  for (const std::string& name : options.lost) add_lost(name, report);
}

PlatformReport report_of(const PlatformInfoOptions& options) {
  config::Mistakes mistakes;
  const auto source = network::read_platform_file(options.file, mistakes);
  mistakes.throw_if_any();
  const network::Layout layout = network::precheck(*source, mistakes);
  mistakes.throw_if_any();
  network::Platform::check(*source, mistakes);  // what only SimGrid sees
  const std::filesystem::path folder = std::filesystem::path(options.file).parent_path();
  const catalog::Catalog catalog = catalog::load_catalog((folder / "catalog").string(), mistakes);
  mistakes.throw_if_any();
  Topology topology = Topology::read(*source);
  std::vector<PlatformReport::Region> regions = regions_of(layout, topology, catalog);
  PlatformReport report{options.file, std::move(regions), std::move(topology), {}, {}, {}};
  read_questions(options, report);
  return report;
}

}  // namespace

std::vector<PlatformReport::Region> regions_of(const network::Layout& layout,
                                               const Topology& topology,
                                               const catalog::Catalog& catalog) {
  std::vector<PlatformReport::Region> regions;
  for (const std::string& name : topology.regions()) regions.push_back({name, {}, {}, {}});
  for (const network::Cluster& cluster : layout.clusters) {
    PlatformReport::Kind kind{cluster.name, cluster.rack, cluster.nodes, {}, {}, 0, {}, {}};
    if (const auto found = catalog.racks.find(cluster.rack); found != catalog.racks.end()) {
      const catalog::Rack& rack = found->second;
      kind.racks = (cluster.nodes + rack.nodes - 1) / rack.nodes;
      kind.accelerators = cluster.nodes * rack.chips_per_node;
      kind.node_power = rack.node_power * cluster.nodes;
      kind.slots = *kind.racks * rack.slots;
      kind.rack_power = rack.rack_power * static_cast<double>(*kind.racks);
    }
    regions[static_cast<std::size_t>(*topology.region(cluster.region))].kinds.push_back(kind);
  }
  for (const network::Site& site : layout.sites) {
    const auto found = topology.region(site.region);
    if (!found) continue;  // a region without a cluster has nothing to limit
    regions[static_cast<std::size_t>(*found)].limit = site.power;
    regions[static_cast<std::size_t>(*found)].rack_slots = site.rack_slots;
  }
  return regions;
}

int platform_info(const PlatformInfoOptions& options) {
  const PlatformReport report = report_of(options);
  fmt::print("{}", options.json ? platform_json(report) : platform_table(report));
  return 0;
}

}  // namespace tokenyard::commands
