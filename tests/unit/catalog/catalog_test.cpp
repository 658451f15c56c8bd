// SPDX-License-Identifier: Apache-2.0
#include "catalog/catalog.hpp"

#include <catch2/catch.hpp>

namespace tokenyard::catalog {
namespace {

Catalog shipped() {
  config::Mistakes mistakes;
  Catalog catalog = load_catalog(TOKENYARD_SOURCE_DIR "/platforms/catalog", mistakes);
  mistakes.throw_if_any();
  return catalog;
}

}  // namespace

TEST_CASE("a region has its place, and what its electricity emits and costs") {
  const Region oregon = shipped().regions.at("aws/us-west-2");
  CHECK(oregon.latitude == 45.54);
  CHECK(oregon.longitude == -122.65);
  CHECK(oregon.pue == 1.12);
  CHECK(oregon.carbon_g_per_kwh == 120);
  CHECK(oregon.electricity_usd_per_kwh == 0.075);
  CHECK(oregon.source.from_memory == std::vector<std::string>{"electricity"});
}

TEST_CASE("a rack may draw more than its nodes") {
  const Rack rack = shipped().racks.at("gb200-nvl72");
  CHECK(rack.rack_power == Watts(120e3));
  CHECK(rack.node_power == Watts(6300));
  CHECK(rack.slots == 1);
  CHECK_FALSE(rack.scale_up);
}

TEST_CASE("a rack may take two slots and join more chips than their own entry says") {
  const Catalog catalog = shipped();
  const Rack& rack = catalog.racks.at("trn2-ultraserver");
  CHECK(rack.slots == 2);
  REQUIRE(rack.scale_up);
  CHECK(rack.scale_up->chips == 64);
  CHECK(rack.scale_up->bandwidth == BytesPerSecond(256e9));
  CHECK(catalog.accelerators.at(rack.accelerator).scale_up_chips == 16);
}

TEST_CASE("a component has the time between its failures, and its repair") {
  const Catalog catalog = shipped();
  const Reliability& gpu = catalog.reliability.at("h100-gpu");
  CHECK(gpu.scope == Scope::accelerator);
  CHECK(gpu.between_failures == Duration(86300 * 3600.0));
  CHECK(gpu.repair == Duration(4 * 3600.0));
  CHECK(gpu.source.from_memory == std::vector<std::string>{"repair"});
  CHECK(gpu.source.text.starts_with("Llama 3 405B training: 419 interruptions"));
  CHECK(catalog.reliability.at("control-plane").scope == Scope::provider);
}

TEST_CASE("a part of a cold start has its median and its 95th percentile") {
  const Catalog catalog = shipped();
  const ColdStart& start = catalog.cold_starts.at("trainium2-compile");
  CHECK(start.median == Duration(400));
  CHECK(start.p95 == Duration(504));
  CHECK(start.source.from_memory.empty());
}

TEST_CASE("what no result depends on is no part of its identity") {
  std::vector<std::string> files;
  for (const auto& [name, sha256] : shipped().sha256) files.push_back(name);
  CHECK(files == std::vector<std::string>{"accelerators.yaml", "egress.yaml", "owner_cost.yaml",
                                          "prices.yaml", "racks.yaml", "regions.yaml",
                                          "wafer_speeds.yaml"});
}

}  // namespace tokenyard::catalog
