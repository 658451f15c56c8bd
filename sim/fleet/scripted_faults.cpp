// SPDX-License-Identifier: Apache-2.0
// What fails at a date that the scenario names.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "fleet/fault_rules.hpp"
#include "fleet/scenario.hpp"
#include "network/topology.hpp"

namespace tokenyard::fleet {
namespace {

using config::Section;
using Names = std::vector<std::string>;

constexpr std::array scripted_scopes = {
    FaultScope::node,          FaultScope::rack,    FaultScope::link, FaultScope::region,
    FaultScope::control_plane, FaultScope::cluster, FaultScope::pool, FaultScope::replica};

std::string_view text_of(FaultScope scope) { return fault_scopes[static_cast<std::size_t>(scope)]; }

Names known_scopes() {
  Names names;
  for (const FaultScope scope : scripted_scopes) names.emplace_back(text_of(scope));
  return names;
}

void add_once(Names& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

Names links_of(const Scenario& scenario) {
  Names of_clusters;  // which are many of one name, or inside
  for (const network::Cluster& cluster : scenario.layout.clusters) {
    for (const char* end : {"_link", "_limiter", "_backbone"}) {
      of_clusters.push_back(cluster.name + end);
    }
  }
  Names links;
  const auto topology = network::Topology::read(scenario.platform);
  for (const network::Link& link : topology.links()) {
    const auto& clusters = of_clusters;
    if (std::find(clusters.begin(), clusters.end(), link.name) == clusters.end()) {
      links.push_back(link.name);
    }
  }
  return links;
}

// The places of the platform and fleet that a fault of this scope can name.
Names places_of(FaultScope scope, const Scenario& scenario) {
  Names names;
  for (const network::Cluster& cluster : scenario.layout.clusters) {
    if (scope == FaultScope::control_plane) {
      add_once(names, catalog::provider_of(cluster.region));
      add_once(names, cluster.region);
    } else {
      add_once(names, scope == FaultScope::region ? cluster.region : cluster.name);
    }
  }
  if (scope != FaultScope::pool && scope != FaultScope::replica) return names;
  names.clear();
  for (const PoolPlan& pool : scenario.pools) names.push_back(pool.name);
  return names;
}

// How many nodes, racks or replicas there are at a place.
std::int64_t count_at(const FaultTarget& target, const Scenario& scenario) {
  if (target.scope == FaultScope::replica) {
    for (const PoolPlan& pool : scenario.pools) {
      if (pool.name == target.place) return pool.replicas;
    }
    return 0;
  }
  const network::Cluster* cluster = find_cluster(scenario, target.place);
  if (cluster == nullptr) return 0;
  if (target.scope == FaultScope::node) return cluster->nodes;
  const auto rack = scenario.catalog->racks.find(cluster->rack);
  if (rack == scenario.catalog->racks.end()) return 0;
  return (cluster->nodes + rack->second.nodes - 1) / rack->second.nodes;
}

bool is_numbered(FaultScope scope) {
  return scope == FaultScope::node || scope == FaultScope::rack || scope == FaultScope::replica;
}

// Cuts "/3" off. False if there is no number.
bool cut_number(FaultTarget& target) {
  const std::size_t slash = target.place.rfind('/');
  if (slash == std::string::npos) return false;
  const char* end = target.place.data() + target.place.size();
  const auto read = std::from_chars(target.place.data() + slash + 1, end, target.number);
  if (read.ec != std::errc() || read.ptr != end) return false;
  target.place.resize(slash);
  return true;
}

// What the place of such a fault must be.
std::string_view place_of(FaultScope scope) {
  switch (scope) {
    case FaultScope::node:
    case FaultScope::rack:
    case FaultScope::cluster:
      return "cluster of the platform";
    case FaultScope::replica:
      return "pool";
    case FaultScope::control_plane:
      return "provider or region of the platform";
    default:
      return text_of(scope);
  }
}

std::string unknown_place(const FaultTarget& target, const Names& known) {
  constexpr std::ptrdiff_t most = 6;
  const std::string meant = config::nearest(target.place, known);
  std::string hint = "did you mean " + config::in_quotes(meant) + "?";
  if (meant.empty()) {
    const Names first(known.begin(), known.begin() + std::min(std::ssize(known), most));
    hint = fmt::format("known: {}", fmt::join(first, ", "));
    if (std::ssize(known) > most) hint += fmt::format(" and {} more", std::ssize(known) - most);
  }
  return fmt::format("{} is no {}; {}", config::in_quotes(target.place), place_of(target.scope),
                     hint);
}

// "region aws/us-east-1". Nothing if it is not understood, which is noted then.
std::optional<FaultTarget> read_target(Section& section, const Scenario& scenario,
                                       const std::optional<Names>& links) {
  const auto text = section.required<std::string>("what");
  if (!section.has("what")) return std::nullopt;
  const std::size_t blank = std::min(text.find(' '), text.size());
  const std::string word = text.substr(0, blank);
  const Names scopes = known_scopes();
  if (std::find(scopes.begin(), scopes.end(), word) == scopes.end()) {
    section.mistake("what", config::unknown_name(word, scopes));
    return std::nullopt;
  }
  FaultTarget target;
  target.scope = static_cast<FaultScope>(std::find(fault_scopes.begin(), fault_scopes.end(), word) -
                                         fault_scopes.begin());
  target.place = text.substr(std::min(text.find_first_not_of(' ', blank), text.size()));
  const bool numbered = is_numbered(target.scope);
  if (numbered && !cut_number(target)) {
    section.mistake(
        "what", fmt::format("names no {}; write it like '{} {}/3'", word, word,
                            target.scope == FaultScope::replica ? "POOL" : "aws/us-east-1/h100"));
    return std::nullopt;
  }
  const bool is_link = target.scope == FaultScope::link;
  if (scenario.pools.empty() || (is_link && !links)) return std::nullopt;
  const Names known = is_link ? *links : places_of(target.scope, scenario);
  if (std::find(known.begin(), known.end(), target.place) == known.end()) {
    section.mistake("what", unknown_place(target, known));
    return std::nullopt;
  }
  if (numbered && target.number >= count_at(target, scenario)) {
    section.mistake("what", fmt::format("{} has {}s 0 to {}, and no {}; choose one of them",
                                        config::in_quotes(target.place), word,
                                        count_at(target, scenario) - 1, target.number));
    return std::nullopt;
  }
  return target;
}

double read_share(Section& section, FaultScope scope) {
  if (scope != FaultScope::link) {
    if (section.has("to")) {
      section.mistake("to", "is for links, which degrade; what else fails is gone; remove it");
    }
    section.skip("to");
    return 0;
  }
  const double share = section.required<config::Fraction>("to").value;
  if (share > 0 && share < 1) return share;
  if (section.has("to")) {
    section.mistake("to",
                    "is not between 0 % and 100 %: links degrade, they do not vanish (a "
                    "transfer on them would never end); write 20 % or less");
  }
  return 0.5;
}

// Two outages of one component at a time.
void check_overlaps(std::vector<Section>& sections, const std::vector<ScriptedFault>& faults) {
  for (std::size_t i = 0; i < faults.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (!(faults[i].target == faults[j].target) || faults[i].begin >= faults[j].end ||
          faults[j].begin >= faults[i].end) {
        continue;
      }
      sections[i].mistake("at", fmt::format("{} is out then already, from {} s {}; make it one "
                                            "outage, or move it",
                                            faults[i].target.name(), faults[j].begin.value(),
                                            faults[j].end < Instant::never()
                                                ? fmt::format("to {} s", faults[j].end.value())
                                                : std::string("on")));
      break;
    }
  }
}

}  // namespace

void read_scripted_faults(Section& root, Scenario& scenario, const config::Reading& reading) {
  if (!root.has("scripted_faults")) return;
  std::optional<Names> links;  // of a platform without mistakes
  if (reading.mistakes.empty()) links = links_of(scenario);
  std::vector<Section> read;
  for (Section& section : root.children("scripted_faults")) {
    ScriptedFault fault;
    fault.begin = Instant(section.required<Duration>("at", config::not_negative).value());
    fault.end = Instant::never();
    if (const auto time = section.maybe<Duration>("for", {1e-6})) fault.end = fault.begin + *time;
    const auto target = read_target(section, scenario, links);
    if (target) {
      fault.share = read_share(section, target->scope);
    } else {
      section.skip("to");
    }
    section.finish();
    if (!target || !(fault.begin < fault.end)) continue;
    fault.target = *target;
    scenario.faults.scripted.push_back(fault);
    read.push_back(std::move(section));
  }
  check_overlaps(read, scenario.faults.scripted);
}

void read_survive(config::Section& root, Scenario& scenario) {
  if (!root.has("survive")) return;
  static constexpr std::array scopes = {FaultScope::node, FaultScope::rack, FaultScope::region};
  static constexpr std::array<std::string_view, 3> names = {"node", "rack", "region"};
  scenario.survive = scopes[root.choice("survive", names, 0)];
}

}  // namespace tokenyard::fleet
