// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>

#include "network/platform.hpp"
#include "sample.hpp"
#include "world.hpp"

namespace tokenyard::network {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double peak_megabytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

// Loads `text` with its check, then asks for the latency of a million pairs of nodes.
std::string cost(const std::string& text) {
  const Folder folder;
  const std::string file = folder.write("p.xml", text);
  config::Mistakes mistakes;
  const auto start = Clock::now();
  Platform::check(file, mistakes);
  const double check = seconds_since(start);
  return in_a_child([&] {
    const auto before = Clock::now();
    const Platform platform = Platform::load(file);
    const double load = seconds_since(before);
    const auto nodes = static_cast<std::uint32_t>(platform.nodes().size());
    const auto asked = Clock::now();
    double sum = 0;
    for (std::uint32_t i = 0; i < 1'000'000; ++i) {
      const NodeIndex from{i % nodes};
      sum += platform.latency(from, NodeIndex{(i * 7919U) % nodes}).value();
    }
    return std::to_string(nodes) + " nodes, check " + std::to_string(check) + " s, load " +
           std::to_string(load) + " s, peak " + std::to_string(peak_megabytes()) + " MB, latency " +
           std::to_string(seconds_since(asked) * 1e3) + " ns (sum " + std::to_string(sum) + ")";
  });
}

}  // namespace

// By hand: network_test "[cost]" -s
TEST_CASE("the costs of platforms", "[.][cost]") {
  WARN("one cluster: " << cost(world({1, 1, 10'000}, Wan::every_pair)));
  WARN("10 regions of 10 clusters of 1,000: " << cost(world({10, 10, 1'000}, Wan::every_pair)));
  WARN("27 regions of 5 clusters of 20: " << cost(world({27, 5, 20}, Wan::every_pair)));
  WARN("27 regions of 5 clusters of 20, a ring: " << cost(world({27, 5, 20}, Wan::ring)));
  WARN("1,000 clusters: " << cost(world({40, 25, 10}, Wan::every_pair)));
}

}  // namespace tokenyard::network
