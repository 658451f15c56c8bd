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

}  // namespace tokenyard::catalog
