// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "config/yaml.hpp"
#include "fleet/placement.hpp"

using namespace tokenyard;
using namespace tokenyard::fleet;

namespace {

// A region with one cluster, whose nodes have 8 accelerators, 4 nodes a rack.
struct Site {
  explicit Site(std::uint32_t nodes, std::int64_t scale_up_chips = 8, std::int64_t per_node = 8) {
    scenario.catalog = std::make_unique<catalog::Catalog>();
    catalog::Accelerator& chip = scenario.catalog->accelerators["chip"];
    chip.scale_up_chips = scale_up_chips;
    catalog::Rack& rack = scenario.catalog->racks["rack"];
    rack.accelerator = "chip";
    rack.chips_per_node = per_node;
    rack.nodes = 4;
    rack.node_power = Watts(10e3);
    rack.rack_power = Watts(40e3);
    scenario.layout.clusters.push_back({"a/b/c", "a/b", "rack", 0, nodes});
    for (std::uint32_t i = 0; i < nodes; ++i) {
      scenario.layout.nodes.push_back("n" + std::to_string(i));
    }
    placement.emplace(scenario);
  }

  // Places of the pool's replicas, as first node and count.
  using Places = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
  Places place(std::int64_t replicas, std::int64_t tensor, std::int64_t pipeline = 1,
               const std::string& keys = "{}") {
    PoolPlan pool;
    pool.at = "a/b/c";
    pool.rack = &scenario.catalog->racks["rack"];
    pool.deployment.accelerator = &scenario.catalog->accelerators["chip"];
    pool.deployment.tensor = tensor;
    pool.deployment.pipeline = pipeline;
    pool.replicas = replicas;
    const config::Document document = config::parse_yaml("t", keys);
    config::Section section(document, reading);
    placement->place(section, pool);
    Places places;
    for (const network::NodeRange& range : pool.places) {
      places.push_back({static_cast<std::uint32_t>(range.first), range.count});
    }
    scenario.pools.push_back(std::move(pool));
    return places;
  }

  void settle() {
    const config::Document document = config::parse_yaml("t", "{pools: []}");
    config::Section section(document, reading);
    placement->settle(section, scenario.pools);
  }

  std::string said() const {
    return reading.mistakes.empty() ? "" : reading.mistakes.all().front().text;
  }

  Scenario scenario;
  config::Reading reading;
  std::optional<Placement> placement;
};

}  // namespace

TEST_CASE("small replicas fill a node before they take the next, beside those of other pools") {
  Site site(8);
  CHECK(site.place(3, 4) == Site::Places{{0, 1}, {0, 1}, {1, 1}});
  CHECK(site.place(3, 2) == Site::Places{{1, 1}, {1, 1}, {2, 1}});
  CHECK(site.place(1, 8) == Site::Places{{3, 1}});
  site.settle();
  const std::vector<PoolPlan>& pools = site.scenario.pools;
  CHECK(pools[0].nodes == 2);
  CHECK(pools[0].node_share == 1.5);
  CHECK(pools[1].nodes == 2);
  CHECK(pools[1].node_share == 1.5);  // half of node 1, and all of node 2, of which it uses 2 chips
  CHECK(pools[2].node_share == 1);
  CHECK(site.said().empty());
}

TEST_CASE("a replica of several nodes has them to itself, one behind the other") {
  Site site(8, 16);
  CHECK(site.place(1, 2) == Site::Places{{0, 1}});
  CHECK(site.place(2, 12) == Site::Places{{2, 2}, {4, 2}});  // 1 and 2 are of two domains
  CHECK(site.place(1, 2) == Site::Places{{0, 1}});
}

TEST_CASE("accelerators that share a layer are of one scale-up domain") {
  Site site(36, 72, 4);  // two domains of 18 nodes
  Site::Places places = site.place(5, 16);
  CHECK(places == Site::Places{{0, 4}, {4, 4}, {8, 4}, {12, 4}, {18, 4}});
  CHECK(site.place(1, 8) == Site::Places{{16, 2}});
  // The stages of a pipeline may be of several.
  Site other(36, 72, 4);
  CHECK(other.place(1, 36, 4) == Site::Places{{0, 36}});
  CHECK(Site(36, 72, 4).place(1, 48, 2) == Site::Places{{6, 24}});
}

TEST_CASE("small stages of a pipeline share nodes, and none lies across two") {
  Site site(8);
  CHECK(site.place(1, 3, 5) == Site::Places{{0, 3}});  // two stages a node
  CHECK(site.place(1, 4, 2) == Site::Places{{3, 1}});
}

TEST_CASE("nodes may be named, by number or name") {
  Site site(8);
  CHECK(site.place(3, 8, 1, "{nodes: [6, 2-3]}") == Site::Places{{2, 1}, {3, 1}, {6, 1}});
  CHECK(site.place(1, 8, 1, "{nodes: [n7]}") == Site::Places{{7, 1}});
  CHECK(site.place(2, 4, 1, "{nodes: [5]}") == Site::Places{{5, 1}, {5, 1}});
  CHECK(site.said().empty());
  site.place(1, 8, 1, "{nodes: [9]}");
  CHECK(site.said() ==
        "'9' is no node of a/b/c; say numbers from 0 to 7, as 3 or 0-7, or names like n0");
}

TEST_CASE("what does not fit is refused, with what would") {
  Site site(4);
  site.place(1, 4);
  CHECK(site.place(9, 4).size() == 9);
  CHECK(site.said() ==
        "9 replicas of 4 accelerators (in a node) do not fit on a/b/c: there is room for 7, on 4 "
        "of 4 nodes that are free and allowed; lower it, or choose another cluster");
  Site wide(6, 72, 8);
  wide.place(2, 32);
  CHECK(wide.said() ==
        "2 replicas of 32 accelerators (4 nodes each) do not fit on a/b/c: there is room for 1, on "
        "6 of 6 nodes that are free and allowed; lower it, or choose another cluster");
}

TEST_CASE("a site holds what stands on its nodes against its power and its slots") {
  for (const bool slots : {false, true}) {
    Site site(16);
    network::Site limit{"a/b", {}, {}};
    if (slots) {
      limit.rack_slots = 1;
    } else {
      limit.power = Watts(45e3);
    }
    site.scenario.layout.sites = {limit};
    site.place(4, 8);
    site.settle();
    CHECK(site.said().empty());
    site.place(1, 8);
    site.settle();
    CHECK(site.said() == (slots ? "need 2 racks of a/b, which has room for 1; use fewer nodes "
                                  "there, or another region"
                                : "need 50 kW of a/b, which has 45 kW; use fewer nodes there, or "
                                  "another region"));
  }
}

TEST_CASE("a rack that is built into two physical racks takes two slots") {
  Site site(16);
  site.scenario.catalog->racks["rack"].slots = 2;
  network::Site limit{"a/b", {}, {}};
  limit.rack_slots = 3;
  site.scenario.layout.sites = {limit};
  site.place(4, 8);
  site.settle();
  CHECK(site.said().empty());
  site.place(1, 8);
  site.settle();
  CHECK(site.said() ==
        "need 4 racks of a/b, which has room for 3; use fewer nodes there, or "
        "another region");
}

TEST_CASE("a store takes whole nodes in a row") {
  Site site(4);
  site.place(1, 4, 1, "{nodes: [1]}");
  StorePlan store;
  store.at = "a/b/c";
  store.nodes = 2;
  const config::Document document = config::parse_yaml("t", "{}");
  config::Section section(document, site.reading);
  site.placement->place(section, "at", store);
  CHECK(store.first_node == 2);
  CHECK(site.place(1, 8) == Site::Places{{0, 1}});
  site.placement->place(section, "at", store);
  CHECK(site.said().find("needs 2 free nodes in a row") != std::string::npos);
}
