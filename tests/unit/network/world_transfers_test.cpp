// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <random>

#include "core/ids.hpp"
#include "fluid.hpp"
#include "network/topology.hpp"
#include "sample.hpp"
#include "script.hpp"
#include "world.hpp"

// Transfers over whole worlds: ports of nodes, uplinks, several WAN links, latencies of all sizes.

namespace tokenyard::network {
namespace {

// The links of a world as the fluid counts them, by what passes them: each node's port each way,
// and each other link, each way where the ways do not share.
class Channels {
 public:
  std::size_t of(const std::string& name, double bandwidth) {
    const auto [found, is_new] = numbers_.emplace(name, bandwidths.size());
    if (is_new) bandwidths.push_back(bandwidth);
    return found->second;
  }
  std::vector<double> bandwidths;

 private:
  std::map<std::string, std::size_t> numbers_;
};

struct Ends {
  NodeIndex from;
  NodeIndex to;
};

std::uint32_t cluster_of(const Platform& platform, NodeIndex node) {
  return static_cast<std::uint32_t>(&platform.cluster_of(node) - platform.clusters().data());
}

// What a flow passes, by the topology alone: nothing here is asked of SimGrid.
std::vector<std::size_t> channels_between(const Platform& platform, const Topology& topology,
                                          Ends ends, Channels& channels) {
  const std::string from = platform.nodes()[index(ends.from)];
  const std::string to = platform.nodes()[index(ends.to)];
  std::vector<std::size_t> passed = {channels.of(from + " up", 400e9),
                                     channels.of(to + " down", 400e9)};
  const std::uint32_t a = cluster_of(platform, ends.from);
  const std::uint32_t b = cluster_of(platform, ends.to);
  if (a == b) return passed;
  const Path path = topology.path(ClusterIndex{a}, ClusterIndex{b}).value();
  for (const Hop& hop : path.hops) {
    const Link& link = topology.links()[index(hop.link)];
    if (link.name.ends_with("_link")) continue;  // the ports, above
    const bool back = hop.direction == Hop::Direction::back;
    passed.push_back(channels.of(link.name + (back ? " back" : ""), link.bandwidth.value()));
  }
  return passed;
}

// The largest relative difference of 150 random transfers, each started once its latency passed.
double largest_difference(unsigned seed) {
  const Folder folder;
  const std::string text = random_world(seed);
  const Platform platform = Platform::load(folder.write("p.xml", text));
  const Topology topology = Topology::read({"p.xml", text});
  Script script(platform);
  script.quiet = true;
  std::mt19937_64 random(seed);
  Channels channels;
  std::vector<Fluid::Flow> flows;
  const auto nodes = static_cast<std::uint32_t>(platform.nodes().size());
  while (flows.size() < 150) {
    const Ends ends{NodeIndex{static_cast<std::uint32_t>(random() % nodes)},
                    NodeIndex{static_cast<std::uint32_t>(random() % nodes)}};
    if (ends.from == ends.to) continue;
    const auto bytes = static_cast<std::int64_t>(1 + random() % 100'000'000);
    const double asked = 1e-6 * static_cast<double>(random() % 2'000'000);
    const double start = asked + script.transfers.latency({ends.from}, {ends.to}).value();
    script.send(start, static_cast<std::uint32_t>(flows.size()), bytes, {ends.from}, {ends.to});
    flows.push_back(
        {start, static_cast<double>(bytes), channels_between(platform, topology, ends, channels)});
  }
  script.played();
  const std::vector<double> expected = Fluid(channels.bandwidths).ends(flows);
  double largest = 0;
  for (std::size_t i = 0; i < flows.size(); ++i) {
    largest = std::max(largest, std::abs(script.dates.at(i) / expected[i] - 1));
  }
  return largest;
}

// Regions a and b with a cluster of four nodes each, whose ports carry 400 GB/s, uplinks 1,600,
// and 10 GB/s at 40 ms between them.
std::string two_regions() {
  Joints joints;
  joints.join("a", "b", "a-gateway", "b-gateway", R"(bandwidth="10GBps" latency="40ms")");
  return start_of_world("Full") + region_text("a", 1, 4) + region_text("b", 1, 4) + joints.text() +
         end_of_world;
}

std::string dates(const std::string& text, const std::function<void(Script&)>& write) {
  return in_a_child([&] {
    const Folder folder;
    const Platform platform = Platform::load(folder.write("p.xml", text));
    Script script(platform);
    write(script);
    script.quiet = true;
    script.played();
    std::string dates;
    for (const double date : script.dates) dates += std::to_string(date) + " ";
    return dates;
  });
}

constexpr NodeIndex a0{0};
constexpr NodeIndex b0{4};

}  // namespace

TEST_CASE("transfers over random worlds share their links max-min, after their latencies") {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    CHECK(in_a_child([&] {
            const double largest = largest_difference(seed);
            return largest < 1e-6 ? std::string("agree") : "off by " + exact(largest);
          }) == "agree");
  }
}

TEST_CASE("incast: three nodes send to one, whose port is what they share") {
  // 3 x 400 GB through 400 GB/s.
  CHECK(dates(two_regions(), [](Script& script) {
          for (std::uint32_t i = 0; i < 3; ++i) {
            script.send(0, i, 400'000'000'000, {NodeIndex{i + 1}}, {a0});
          }
        }) == "3.000000 3.000000 3.000000 ");
}

TEST_CASE("a shared uplink: what leaves a cluster shares it, what stays inside does not") {
  // The uplink of a carries 200 GB/s: two flows to b, past a WAN that is wider, have 100 each.
  std::string text = with(two_regions(), "1600GBps", "200GBps");
  text = with(text, "bandwidth=\"10GBps\"", "bandwidth=\"900GBps\"");
  CHECK(dates(text, [](Script& script) {
          script.send(0, 0, 200'000'000'000, {a0}, {b0});
          script.send(0, 1, 200'000'000'000, {NodeIndex{1}}, {NodeIndex{5}});
          script.send(0, 2, 400'000'000'000, {NodeIndex{2}}, {NodeIndex{3}});
        }) == "2.000000 2.000000 1.000000 ");
}

TEST_CASE("a move across regions takes the WAN's share, each direction its own") {
  // 10 GB alone until 0.5, then both there have 5 GB/s; the way back is free.
  CHECK(dates(two_regions(), [](Script& script) {
          script.send(0, 0, 10'000'000'000, {a0}, {b0});
          script.send(0.5, 1, 10'000'000'000, {NodeIndex{1}}, {NodeIndex{5}});
          script.send(0, 2, 10'000'000'000, {b0}, {a0});
        }) == "1.500000 2.000000 1.000000 ");
}

TEST_CASE("striping over pairs of nodes is as many times as fast as over one") {
  CHECK(dates(two_regions(), [](Script& script) {
          script.send(0, 0, 400'000'000'000, {a0, 2}, {NodeIndex{2}, 2});
          script.send(2, 1, 400'000'000'000, {a0}, {NodeIndex{2}});
        }) == "0.500000 3.000000 ");
  const std::string wide = with(two_regions(), "bandwidth=\"10GBps\"", "bandwidth=\"9TBps\"");
  CHECK(dates(wide, [](Script& script) {
          script.send(0, 0, 400'000'000'000, {a0, 4}, {b0, 4});
          script.send(1, 1, 400'000'000'000, {a0}, {b0});
        }) == "0.250000 2.000000 ");
}

}  // namespace tokenyard::network
