// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
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

// Regions r0, r1, ... joined each to each, or each to the next.
inline std::string world(WorldSize size, Wan wan) {
  const bool pairs = wan == Wan::every_pair;
  std::string text =
      "<?xml version='1.0'?>\n<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n"
      "<platform version=\"4.1\">\n<zone id=\"world\" routing=\"" +
      std::string(pairs ? "Full" : "Floyd") + "\">\n";
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
  return text + joints.text() + "</zone>\n</platform>\n";
}

}  // namespace tokenyard::network
