// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <nlohmann/json.hpp>

#include "commands/platform_report.hpp"
#include "core/ids.hpp"

namespace tokenyard::commands {
namespace {

using Json = nlohmann::ordered_json;
using network::Hop;
using network::Path;
using network::RegionIndex;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

template <class Number>
Json or_null(const std::optional<Number>& number) {
  if (!number) return nullptr;
  if constexpr (requires { number->value(); })
    return number->value();
  else
    return *number;
}

Json links(const PlatformReport& report, const std::vector<Hop>& hops) {
  Json list = Json::array();
  for (const Hop& hop : hops) {
    const network::Link& link = report.topology.links()[index(hop.link)];
    list.push_back({{"name", link.name},
                    {"direction", hop.direction == Hop::Direction::forth ? "forth" : "back"},
                    {"bandwidth_bytes_per_s", number(link.bandwidth.value())},
                    {"count", link.count},
                    {"latency_s", link.latency.value()}});
  }
  return list;
}

Json path(const PlatformReport& report, const std::optional<Path>& path) {
  if (!path) return nullptr;
  Json regions = Json::array();
  for (const RegionIndex region : path->regions) {
    regions.push_back(report.topology.regions()[index(region)]);
  }
  return {{"regions", regions},
          {"latency_s", path->latency.value()},
          {"bandwidth_bytes_per_s", number(path->bandwidth.value())},
          {"links", links(report, path->hops)}};
}

Json region(const PlatformReport::Region& region) {
  Json clusters = Json::array();
  for (const PlatformReport::Kind& kind : region.kinds) {
    clusters.push_back({{"name", kind.cluster},
                        {"rack", kind.rack},
                        {"racks", or_null(kind.racks)},
                        {"nodes", kind.nodes},
                        {"accelerators", or_null(kind.accelerators)},
                        {"power_nodes_w", or_null(kind.node_power)},
                        {"power_racks_w", or_null(kind.rack_power)}});
  }
  return {{"name", region.name},
          {"power_limit_w", or_null(region.limit)},
          {"rack_slots", or_null(region.rack_slots)},
          {"clusters", clusters}};
}

// The regions' names, and in the same order a row for each that holds a value for each.
Json wan(const PlatformReport& report) {
  Json latencies = Json::array();
  Json bandwidths = Json::array();
  const auto count = static_cast<std::uint32_t>(report.regions.size());
  for (std::uint32_t from = 0; from < count; ++from) {
    Json latency = Json::array();
    Json bandwidth = Json::array();
    for (std::uint32_t to = 0; to < count; ++to) {
      std::optional<Path> found;
      if (from != to) {
        found = report.topology.path(RegionIndex{from}, RegionIndex{to}, report.loss);
      }
      latency.push_back(found ? Json(found->latency.value()) : Json(nullptr));
      bandwidth.push_back(found ? number(found->bandwidth.value()) : Json(nullptr));
    }
    latencies.push_back(latency);
    bandwidths.push_back(bandwidth);
  }
  return {{"regions", report.topology.regions()},
          {"latency_s", latencies},
          {"bandwidth_bytes_per_s", bandwidths}};
}

Json loss(const PlatformReport& report) {
  Json pairs = Json::array();
  for (const network::PairLoss& pair : report.topology.cost_of(report.loss)) {
    pairs.push_back({{"from", report.topology.regions()[index(pair.from)]},
                     {"to", report.topology.regions()[index(pair.to)]},
                     {"before", path(report, pair.before)},
                     {"after", path(report, pair.after)},
                     {"max_flow_before_bytes_per_s", number(pair.most_before.value())},
                     {"max_flow_after_bytes_per_s", number(pair.most_after.value())}});
  }
  return {{"names", report.lost}, {"pairs", pairs}};
}

}  // namespace

std::string platform_json(const PlatformReport& report) {
  Json all{{"file", report.file}, {"regions", Json::array()}};
  for (const PlatformReport::Region& one : report.regions) all["regions"].push_back(region(one));
  all["wan"] = wan(report);
  if (report.pair) {
    const auto [from, to] = *report.pair;
    const network::Capacity capacity = report.topology.capacity(from, to, report.loss);
    all["pair"] = {{"from", report.topology.regions()[index(from)]},
                   {"to", report.topology.regions()[index(to)]},
                   {"path", path(report, report.topology.path(from, to, report.loss))},
                   {"max_flow_bytes_per_s", number(capacity.most.value())},
                   {"min_cut", links(report, capacity.cut)}};
  }
  if (!report.lost.empty()) all["lost"] = loss(report);
  return all.dump(2) + "\n";
}

}  // namespace tokenyard::commands
