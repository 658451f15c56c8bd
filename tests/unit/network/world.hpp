// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace tokenyard::network {

enum class Wan { every_pair, ring };

struct WorldSize {
  int regions;
  int clusters;  // of each region
  int nodes;     // of each cluster
};

// Links, and after all of them, as SimGrid wants it, the routes over them.
struct Joints {
  std::string links;
  std::string routes;

  // A link from one zone to another, with what else its element says, and the route over it.
  void join(const std::string& from, const std::string& to, const std::string& gw_from,
            const std::string& gw_to, const std::string& rate) {
    const std::string link = from + "--" + to;
    links += "<link id=\"" + link + "\" " + rate + " sharing_policy=\"SPLITDUPLEX\"/>\n";
    routes += "<zoneRoute src=\"" + from + "\" dst=\"" + to + "\" gw_src=\"" + gw_from +
              "\" gw_dst=\"" + gw_to + "\"><link_ctn id=\"" + link +
              "\" direction=\"UP\"/></zoneRoute>\n";
  }
  std::string text() const { return links + routes; }
};

// A region as platforms/README.md says: clusters with an uplink each to a gateway.
inline std::string region_text(const std::string& region, int clusters, int nodes) {
  std::string text = "<zone id=\"" + region +
                     "\" routing=\"Floyd\">\n<prop id=\"region\" value=\"" + region + "\"/>\n";
  Joints joints;
  for (int c = 0; c < clusters; ++c) {
    const std::string name = region + "/c" + std::to_string(c);
    text += "<cluster id=\"" + name + "\" prefix=\"" + name + "-\" suffix=\"\" radical=\"0-" +
            std::to_string(nodes - 1) + "\" router_id=\"" + name +
            "-switch\" speed=\"1Gf\" bw=\"400GBps\" lat=\"5us\">"
            "<prop id=\"rack\" value=\"trn2\"/></cluster>\n";
    joints.join(name, region + "/gateway", name + "-switch", region + "-gateway",
                "bandwidth=\"" + std::to_string(400 * nodes) + "GBps\" latency=\"0us\"");
  }
  return text + "<zone id=\"" + region + "/gateway\" routing=\"Full\"><router id=\"" + region +
         "-gateway\"/></zone>\n" + joints.text() + "</zone>\n";
}

inline std::string start_of_world(const std::string& routing) {
  return "<?xml version='1.0'?>\n<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n"
         "<platform version=\"4.1\">\n<zone id=\"world\" routing=\"" +
         routing + "\">\n";
}

inline const std::string end_of_world = "</zone>\n</platform>\n";

// Regions r0, r1, ... joined each to each, or each to the next.
inline std::string world(WorldSize size, Wan wan) {
  const bool pairs = wan == Wan::every_pair;
  std::string text = start_of_world(pairs ? "Full" : "Floyd");
  const auto name = [](int region) { return "r" + std::to_string(region); };
  Joints joints;
  for (int r = 0; r < size.regions; ++r) {
    text += region_text(name(r), size.clusters, size.nodes);
    for (int other = r + 1; other < size.regions; ++other) {
      const bool next = other == r + 1 || (r == 0 && other == size.regions - 1);
      if (!pairs && !next) continue;
      joints.join(name(r), name(other), name(r) + "-gateway", name(other) + "-gateway",
                  "bandwidth=\"12.5GBps\" latency=\"" + std::to_string(10 * (other - r)) + "ms\"");
    }
  }
  return text + joints.text() + end_of_world;
}

// Four to six regions of one or two clusters, joined by a tree or, where routing is Full, each to
// each. All routes of the first region pass its one port. What joins regions is narrow beside what
// is in them, and named wan...
inline std::string random_world(unsigned seed) {
  std::mt19937_64 random(seed);
  const auto pick = [&](int least, int most) {
    return least + static_cast<int>(random() % static_cast<std::uint64_t>(most - least + 1));
  };
  const bool full = seed % 2 == 0;
  const int regions = full ? 4 : pick(4, 6);
  std::string text = start_of_world(full ? "Full" : "Floyd");
  std::string links;
  std::string routes;
  int count = 0;
  const auto link = [&] {
    const std::string name = "wan" + std::to_string(count++);
    links += "<link id=\"" + name + "\" bandwidth=\"" + std::to_string(pick(1, 999)) +
             "MBps\" latency=\"" + std::to_string(pick(1, 99999)) + "us\"/>\n";
    return name;
  };
  links += "<link id=\"wan-port\" bandwidth=\"" + std::to_string(pick(1, 999)) +
           "MBps\" latency=\"7us\" sharing_policy=\"SPLITDUPLEX\"/>\n";
  for (int r = 0; r < regions; ++r) {
    const std::string name = "r" + std::to_string(r);
    text += region_text(name, pick(1, 2), pick(1, 5));
    const int towards = r == 0 ? 0 : pick(0, r - 1);
    for (int other = 0; other < r; ++other) {
      if (!full && other != towards) continue;
      const std::string to = "r" + std::to_string(other);
      routes += "<zoneRoute src=\"" + name + "\" dst=\"" + to + "\" gw_src=\"" + name +
                "-gateway\" gw_dst=\"" + to + "-gateway\">";
      for (int i = pick(1, 2); i > 0; --i) routes += "<link_ctn id=\"" + link() + "\"/>";
      if (other == 0) routes += "<link_ctn id=\"wan-port\" direction=\"DOWN\"/>";
      routes += "</zoneRoute>\n";
    }
  }
  return text + links + routes + end_of_world;
}

}  // namespace tokenyard::network
