// SPDX-License-Identifier: Apache-2.0
#include "network/element_rules.hpp"

#include <algorithm>
#include <array>

namespace tokenyard::network {
namespace {

using Names = std::string_view;

constexpr std::array<Names, 2> versions{"4.1", "4"};
constexpr std::array<Names, 4> routings{"Full", "Floyd", "Dijkstra", "DijkstraCache"};
constexpr std::array<Names, 3> sharings{"SHARED", "SPLITDUPLEX", "FATPIPE"};
constexpr std::array<Names, 2> backbone_sharings{"SHARED", "FATPIPE"};
constexpr std::array<Names, 4> topologies{"FLAT", "TORUS", "FAT_TREE", "DRAGONFLY"};
constexpr std::array<Names, 4> yes_or_no{"YES", "NO", "yes", "no"};
constexpr std::array<Names, 3> directions{"UP", "DOWN", "NONE"};

constexpr auto required = Presence::required;
constexpr auto optional = Presence::optional;

constexpr AttributeRule platform[] = {{"version", Kind::choice, required, versions}};
constexpr AttributeRule zone[] = {{"id", Kind::new_netpoint},
                                  {"routing", Kind::choice, required, routings}};
constexpr AttributeRule cluster[] = {
    {"id", Kind::new_netpoint},
    {"prefix", Kind::text},
    {"suffix", Kind::text},
    {"radical", Kind::radical},
    {"speed", Kind::speed},
    {"bw", Kind::bandwidth},
    {"lat", Kind::latency},
    {"core", Kind::count, optional},
    {"router_id", Kind::new_netpoint, optional},
    {"sharing_policy", Kind::choice, optional, sharings},
    {"bb_bw", Kind::bandwidth, optional},
    {"bb_lat", Kind::latency, optional},
    {"bb_sharing_policy", Kind::choice, optional, backbone_sharings},
    {"limiter_link", Kind::bandwidth, optional},
    {"loopback_bw", Kind::bandwidth, optional},
    {"loopback_lat", Kind::latency, optional},
    {"topology", Kind::choice, optional, topologies},
    {"topo_parameters", Kind::text, optional},
};
constexpr AttributeRule prop[] = {{"id", Kind::text}, {"value", Kind::text}};
constexpr AttributeRule router[] = {{"id", Kind::new_netpoint}};
constexpr AttributeRule link[] = {{"id", Kind::new_link},
                                  {"bandwidth", Kind::bandwidth},
                                  {"latency", Kind::latency},  // SimGrid 3.32 aborts without
                                  {"sharing_policy", Kind::choice, optional, sharings}};
constexpr AttributeRule route[] = {{"src", Kind::netpoint},
                                   {"dst", Kind::netpoint},
                                   {"symmetrical", Kind::choice, optional, yes_or_no}};
constexpr AttributeRule zone_route[] = {{"src", Kind::netpoint},
                                        {"dst", Kind::netpoint},
                                        {"gw_src", Kind::netpoint},
                                        {"gw_dst", Kind::netpoint},
                                        {"symmetrical", Kind::choice, optional, yes_or_no}};
constexpr AttributeRule link_ctn[] = {{"id", Kind::link},
                                      {"direction", Kind::choice, optional, directions}};

constexpr std::array<Names, 1> in_platform{"zone"};
constexpr std::array<Names, 7> in_zone{"prop", "zone",  "cluster",  "router",
                                       "link", "route", "zoneRoute"};
constexpr std::array<Names, 1> only_props{"prop"};
constexpr std::array<Names, 1> only_links{"link_ctn"};

constexpr ElementRule rules[] = {
    {"platform", platform, in_platform},
    {"zone", zone, in_zone},
    {"cluster", cluster, only_props},
    {"prop", prop, {}},
    {"router", router, {}},
    {"link", link, only_props},
    {"route", route, only_links},
    {"zoneRoute", zone_route, only_links},
    {"link_ctn", link_ctn, {}},
};

struct Refused {
  std::string_view name;
  std::string_view text;
};

constexpr std::string_view profile =
    "profiles are refused (faults and changes belong to the scenario, whose results record them); "
    "remove it";
constexpr std::string_view include =
    "a second file is refused (the checksum of a platform covers one); paste its content here";
constexpr std::string_view loose_node =
    "nodes outside a <cluster> are refused (its prop 'rack' says what they are); write a <cluster>";
constexpr std::string_view actor = "actors are refused (the simulator runs none); remove it";

constexpr Refused refused_elements[] = {
    {"include", include},
    {"trace", profile},
    {"trace_connect", profile},
    {"host", loose_node},
    {"cabinet", loose_node},
    {"peer", loose_node},
    {"actor", actor},
    {"process", actor},
    {"config", "SimGrid's settings are refused here (the simulator fixes them); remove it"},
    {"AS", "<AS> is the old name of a zone; write <zone>"},
    {"ASroute", "<ASroute> is the old name of a zone's route; write <zoneRoute>"},
};

constexpr std::string_view profile_attributes[] = {"availability_file", "speed_file", "state_file",
                                                   "bandwidth_file", "latency_file"};

}  // namespace

std::span<const ElementRule> element_rules() { return rules; }

const ElementRule* rule_of(std::string_view element) {
  const auto* const found = std::find_if(std::begin(rules), std::end(rules),
                                         [&](const auto& rule) { return rule.name == element; });
  return found == std::end(rules) ? nullptr : found;
}

std::string_view refused_element(std::string_view element) {
  if (element.ends_with(":include")) return include;
  for (const Refused& refused : refused_elements) {
    if (refused.name == element) return refused.text;
  }
  return {};
}

std::string_view refused_attribute(std::string_view attribute) {
  const bool is_profile = std::find(std::begin(profile_attributes), std::end(profile_attributes),
                                    attribute) != std::end(profile_attributes);
  return is_profile ? profile : std::string_view{};
}

}  // namespace tokenyard::network
