// SPDX-License-Identifier: Apache-2.0
#include "network/node_counts.hpp"

#include <catch2/catch.hpp>

#include "network/platform.hpp"
#include "network/precheck.hpp"
#include "sample.hpp"

namespace tokenyard::network {
namespace {

std::string with_nodes(const std::string& text, const std::vector<NodeCount>& counts) {
  PlatformFile source{"p.xml", text};
  set_nodes(source, counts);
  return source.text;
}

}  // namespace

TEST_CASE("a cluster gets another number of nodes, from its first on") {
  CHECK(with_nodes(sample, {{"r/a", 6}}) == with(sample, "0-3", "0-5"));
  CHECK(with_nodes(sample, {{"r/b", 1}}) == with(sample, "7,2-3", "7-7"));
  CHECK(with_nodes(sample, {{"r/a", 6}, {"r/b", 2}}) ==
        with(with(sample, "0-3", "0-5"), "7,2-3", "7-8"));
}

TEST_CASE("the number that the file has changes nothing") {
  CHECK(with_nodes(sample, {{"r/a", 4}, {"r/b", 3}}) == sample);
  CHECK(with_nodes(sample, {}) == sample);
}

TEST_CASE("a backbone and an uplink that are nodes x bw stay so, others stay as they are") {
  const std::string wide =
      with(with(sample, "lat=\"1us\"", "bb_bw='4e9Bps' bb_lat=\"0us\" lat=\"1us\""),
           "id=\"up\" bandwidth=\"1GBps\"", "id=\"up\" bandwidth=\"32Gbps\"");
  const std::string wider =
      with(with(with(wide, "0-3", "0-7"), "4e9Bps", "8000000000Bps"), "32Gbps", "8000000000Bps");
  CHECK(with_nodes(wide, {{"r/a", 8}}) == wider);
  CHECK(with_nodes(wide, {{"r/b", 3}}) == wide);
  const std::string narrow = with(wide, "32Gbps", "31Gbps");
  CHECK(with_nodes(narrow, {{"r/a", 8}}) ==
        with(wider, "bandwidth=\"8000000000Bps\"", "bandwidth=\"31Gbps\""));
}

TEST_CASE("a platform is loaded from the text as it was changed") {
  const Folder folder;
  PlatformFile source{folder.path("nowhere.xml"), sample};
  set_nodes(source, std::vector<NodeCount>{{"r/a", 2}, {"r/b", 5}});
  CHECK(in_a_child([&] {
          const Platform platform = Platform::load(source);
          return platform.nodes().front() + " " + platform.nodes().back() + " " +
                 std::to_string(platform.nodes().size());
        }) == "a-0 b-11x 7");
}

}  // namespace tokenyard::network
