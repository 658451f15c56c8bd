// SPDX-License-Identifier: Apache-2.0
#include "network/topology.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <random>

#include "core/ids.hpp"
#include "network/platform.hpp"
#include "sample.hpp"
#include "script.hpp"
#include "world.hpp"

namespace tokenyard::network {
namespace {

Topology topology_of(const std::string& text) { return Topology::read({"p.xml", text}); }

// Regions a, b, c, d of one cluster of 4 nodes of 400 GB/s each, joined as `wan` says.
struct Way {
  const char* from;
  const char* to;
  const char* rate;
};

std::string regions_joined(const std::string& routing, const std::vector<Way>& wan) {
  std::string text = start_of_world(routing);
  Joints joints;
  for (const char* region : {"a", "b", "c", "d"}) text += region_text(region, 1, 4);
  for (const Way& way : wan) {
    joints.join(way.from, way.to, std::string(way.from) + "-gateway",
                std::string(way.to) + "-gateway", way.rate);
  }
  return text + joints.text() + end_of_world;
}

const std::vector<Way> diamond = {
    {"a", "b", R"(bandwidth="10GBps" latency="10ms")"},
    {"b", "d", R"(bandwidth="4GBps" latency="10ms")"},
    {"a", "c", R"(bandwidth="3GBps" latency="20ms")"},
    {"c", "d", R"(bandwidth="5GBps" latency="20ms")"},
    {"a", "d", R"(bandwidth="1GBps" latency="90ms")"},
};

RegionIndex region(const Topology& topology, const char* name) {
  return topology.region(name).value();
}

std::string names_of(const Topology& topology, const std::vector<Hop>& hops) {
  std::string text;
  for (const Hop& hop : hops) {
    text += (text.empty() ? "" : " ") + topology.links()[index(hop.link)].name +
            (hop.direction == Hop::Direction::back ? "<" : "");
  }
  return text;
}

std::string text_of(const Topology& topology, const std::optional<Path>& path) {
  if (!path) return "none";
  std::string text;
  for (const RegionIndex passed : path->regions) text += topology.regions()[index(passed)] + " ";
  return text + std::to_string(std::lround(path->latency.value() * 1e3)) + " ms " +
         std::to_string(std::lround(path->bandwidth.value() / 1e9)) +
         " GB/s: " + names_of(topology, path->hops);
}

std::string path(const Topology& topology, const char* from, const char* to,
                 const Loss& loss = {}) {
  return text_of(topology, topology.path(region(topology, from), region(topology, to), loss));
}

std::string capacity(const Topology& topology, const char* from, const char* to,
                     const Loss& loss = {}) {
  const Capacity found = topology.capacity(region(topology, from), region(topology, to), loss);
  return exact(found.most.value() / 1e9) + ": " + names_of(topology, found.cut);
}

}  // namespace

TEST_CASE("a pair with a route of its own takes it, however long") {
  const Topology topology = topology_of(regions_joined("Full", diamond));
  CHECK(path(topology, "a", "d") == "a d 90 ms 1 GB/s: a--d");
  CHECK(path(topology, "d", "a") == "d a 90 ms 1 GB/s: a--d<");
}

TEST_CASE("a lost link leaves the way of the least latency, a lost region no way") {
  const Topology topology = topology_of(regions_joined("Full", diamond));
  const Loss direct{{}, {topology.link("a--d").value()}};
  CHECK(path(topology, "a", "d", direct) == "a b d 20 ms 4 GB/s: a--b b--d");
  CHECK(path(topology, "d", "a", direct) == "d b a 20 ms 4 GB/s: b--d< a--b<");
  const Loss both{{region(topology, "b")}, direct.links};
  CHECK(path(topology, "a", "d", both) == "a c d 40 ms 3 GB/s: a--c c--d");
  CHECK(path(topology, "a", "b", both) == "none");
  const Loss all{{region(topology, "b"), region(topology, "c")}, direct.links};
  CHECK(path(topology, "a", "d", all) == "none");
}

TEST_CASE("between clusters the way leads from node to node") {
  const Topology topology = topology_of(regions_joined("Full", diamond));
  const std::optional<Path> path = topology.path(ClusterIndex{0}, ClusterIndex{3});
  CHECK(text_of(topology, path) ==
        "a d 90 ms 1 GB/s: a/c0_link a/c0--a/gateway a--d d/c0--d/gateway< d/c0_link<");
  CHECK(path->latency.value() == Approx(0.09001));
}

TEST_CASE("the most that flows between regions is what a least cut lets through") {
  const Topology topology = topology_of(regions_joined("Full", diamond));
  CHECK(capacity(topology, "a", "d") == "8: b--d a--c a--d");
  CHECK(capacity(topology, "d", "a") == "8: b--d< a--c< a--d<");
  const Loss loss{{region(topology, "c")}, {}};
  CHECK(capacity(topology, "a", "d", loss) == "5: b--d a--d");
  CHECK(capacity(topology, "c", "d", loss) == "0: ");
}

TEST_CASE("narrow nodes, uplinks and backbones are cut like any link") {
  std::string text = regions_joined("Full", {{"a", "b", R"(bandwidth="9TBps" latency="1ms")"}});
  CHECK(capacity(topology_of(text), "a", "b") == "1600: a/c0_link");
  text = with(text, "bandwidth=\"1600GBps\"", "bandwidth=\"700GBps\"");
  CHECK(capacity(topology_of(text), "a", "b") == "700: a/c0--a/gateway");
  text = with(text, "lat=\"5us\"", "lat=\"5us\" bb_bw=\"600GBps\" bb_lat=\"1us\"");
  CHECK(capacity(topology_of(text), "a", "b") == "600: a/c0_backbone");
  text = with(text, "lat=\"5us\"", "lat=\"5us\" limiter_link=\"100GBps\"");
  CHECK(capacity(topology_of(text), "a", "b") == "400: a/c0_limiter");
  CHECK(capacity(topology_of(text), "b", "a") == "400: a/c0_limiter");
}

TEST_CASE("a link that only each flow by itself is bound by bounds no sum") {
  std::string text = regions_joined("Full", {{"a", "b", R"(bandwidth="1GBps" latency="1ms")"}});
  text = with(text, "latency=\"1ms\" sharing_policy=\"SPLITDUPLEX\"",
              "latency=\"1ms\" sharing_policy=\"FATPIPE\"");
  text = with(text, "direction=\"UP\"/></zoneRoute>\n</zone>\n</platform>",
              "/></zoneRoute>\n</zone>\n</platform>");
  CHECK(capacity(topology_of(text), "a", "b") == "1600: a/c0_link");
  CHECK(path(topology_of(text), "a", "b") == "a b 1 ms 1 GB/s: a--b");
}

TEST_CASE("a loss is told pair by pair: ways, latencies and flows before and after") {
  const Topology topology = topology_of(regions_joined("Full", diamond));
  std::string text;
  for (const PairLoss& pair : topology.cost_of({{}, {topology.link("a--c").value()}})) {
    text +=
        topology.regions()[index(pair.from)] + topology.regions()[index(pair.to)] + " " +
        exact(pair.most_before.value() / 1e9) + ">" + exact(pair.most_after.value() / 1e9) +
        (pair.after && pair.after->hops == pair.before.hops ? ""
                                                            : " " + text_of(topology, pair.after)) +
        "\n";
  }
  // a is left with 10 + 1 to b and on, 4 + 1 to d; c has its 5 to d.
  CHECK(text ==
        "ab 14>11\nac 8>5 a b d c 40 ms 4 GB/s: a--b b--d c--d<\nad 8>5\n"
        "ba 14>11\nbc 8>5\nbd 8>5\n"
        "ca 8>5 c d b a 40 ms 4 GB/s: c--d b--d< a--b<\ncb 8>5\ncd 8>5\n"
        "da 8>5\ndb 8>5\ndc 8>5\n");
}

TEST_CASE("a lost region is out of everyone's reach") {
  const Topology topology = topology_of(regions_joined("Full", diamond));
  std::map<std::string, int> lost;
  for (const PairLoss& pair : topology.cost_of({{region(topology, "b")}, {}})) {
    if (!pair.after) ++lost[topology.regions()[index(pair.from)]];
    if (!pair.after) CHECK(pair.most_after.value() == 0);
  }
  CHECK(lost == std::map<std::string, int>{{"a", 1}, {"b", 3}, {"c", 1}, {"d", 1}});
}

// Worlds without ties in a Floyd zone, where SimGrid takes the one that it finds first.
TEST_CASE("latencies are those of SimGrid's routes") {
  const auto largest_difference = [](const std::string& text) {
    return in_a_child([&] {
      const Folder folder;
      const Platform platform = Platform::load(folder.write("p.xml", text));
      const Topology topology = topology_of(text);
      double largest = 0;
      const auto count = static_cast<std::uint32_t>(platform.clusters().size());
      for (std::uint32_t i = 0; i < count * count; ++i) {
        if (i / count == i % count) continue;
        const auto own = topology.path(ClusterIndex{i / count}, ClusterIndex{i % count});
        const NodeIndex from{platform.clusters()[i / count].first_node};
        const NodeIndex to{platform.clusters()[i % count].first_node};
        const double simgrid = platform.latency(from, to).value();
        largest = std::max(largest, std::abs(own->latency.value() / simgrid - 1));
        largest = std::max(largest, std::abs(own->bandwidth / platform.bandwidth(from, to) - 1));
      }
      return largest < 1e-12 ? std::string("equal") : exact(largest);
    });
  };
  std::ifstream aws(TOKENYARD_SOURCE_DIR "/platforms/aws.xml");
  CHECK(largest_difference({std::istreambuf_iterator<char>(aws), {}}) == "equal");
  CHECK(largest_difference(sample) == "equal");
  CHECK(largest_difference(world({9, 2, 3}, Wan::every_pair)) == "equal");
  CHECK(largest_difference(world({9, 2, 3}, Wan::ring)) == "equal");  // odd: one way is shorter
  for (const unsigned seed : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U}) {
    CHECK(largest_difference(random_world(seed)) == "equal");
  }
}

// Cuts of a random world by trying all sets of WAN links.
TEST_CASE("a least cut is the least of all cuts") {
  for (unsigned seed = 1; seed <= 8; ++seed) {
    const Topology topology = topology_of(random_world(seed));
    std::vector<LinkIndex> wan;
    for (std::uint32_t i = 0; i < topology.links().size(); ++i) {
      if (topology.links()[i].name.starts_with("wan")) wan.push_back(LinkIndex{i});
    }
    REQUIRE(wan.size() < 14);
    const RegionIndex from{0};
    const RegionIndex to{1};
    double least = std::numeric_limits<double>::infinity();
    for (std::uint32_t set = 0; set < 1U << wan.size(); ++set) {
      Loss loss;
      double sum = 0;
      for (std::size_t i = 0; i < wan.size(); ++i) {
        if ((set >> i & 1U) == 0) continue;
        loss.links.push_back(wan[i]);
        sum += topology.links()[index(wan[i])].bandwidth.value();
      }
      if (sum < least && !topology.path(from, to, loss)) least = sum;
    }
    const Capacity found = topology.capacity(from, to);
    CHECK(found.most.value() == Approx(least).epsilon(1e-12));
    double sum = 0;
    Loss loss;
    for (const Hop& hop : found.cut) {
      sum += topology.links()[index(hop.link)].bandwidth.value();
      loss.links.push_back(hop.link);
    }
    CHECK(sum == Approx(least).epsilon(1e-12));
    CHECK(!topology.path(from, to, loss));
  }
}

TEST_CASE("names are found, others are not") {
  const Topology topology = topology_of(sample);
  CHECK(topology.region("here") == RegionIndex{0});
  CHECK(!topology.region("r"));
  CHECK(topology.links()[index(topology.link("across").value())].latency.value() == 0.0005);
  CHECK(!topology.link("a-0"));
  CHECK(topology.clusters()[1].name == "r/b");
}

}  // namespace tokenyard::network
