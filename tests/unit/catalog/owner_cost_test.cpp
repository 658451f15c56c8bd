// SPDX-License-Identifier: Apache-2.0
#include "catalog/owner_cost.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "catalog/catalog.hpp"

namespace tokenyard::catalog {
namespace {

Catalog shipped() {
  config::Mistakes mistakes;
  Catalog catalog = load_catalog(TOKENYARD_SOURCE_DIR "/platforms/catalog", mistakes);
  mistakes.throw_if_any();
  return catalog;
}

DollarsPerHour of_an_accelerator(const Catalog& catalog, const std::string& name) {
  const Rack& rack = catalog.racks.at(name);
  return owner_cost(catalog.owner_cost.racks.at(name), {rack.chips_per_node, rack.nodes},
                    catalog.owner_cost.terms) /
         static_cast<double>(rack.chips_per_node);
}

}  // namespace

TEST_CASE("an owner pays hardware over its life and the rent of its power") {
  OwnedRack rack;
  rack.capex_usd = 24000;
  rack.all_in = Watts(1500);
  OwnerTerms terms;
  terms.life = Duration(1000 * 3600);
  terms.rent_usd_per_kw_month = 730.5;  // a dollar for each kWh of a month of 730.5 hours
  // 24 USD/h of hardware, and four accelerators of 1.5 kW.
  CHECK(owner_cost(rack, {4, 10}, terms).value() == Approx(24 + 6));
  terms.utilisation = 0.5;
  CHECK(owner_cost(rack, {4, 10}, terms).value() == Approx(2 * (24 + 6)));
  rack.per = OwnedRack::Per::accelerator;
  CHECK(owner_cost(rack, {4, 10}, terms).value() == Approx(2 * (4 * 24 + 6)));
  rack.per = OwnedRack::Per::rack;
  CHECK(owner_cost(rack, {4, 10}, terms).value() == Approx(2 * (24 / 10.0 + 6)));
}

TEST_CASE("the formula is near what is published where the price of a whole node is known") {
  const Catalog catalog = shipped();
  for (const char* name : {"hgx-h200", "hgx-b200", "hgx-b300", "gb200-nvl72", "gb300-nvl72"}) {
    INFO(name);
    const double published = catalog.owner_cost.racks.at(name).published.at("neocloud").value();
    const double cost = of_an_accelerator(catalog, name).value();
    CHECK(std::abs(cost / published - 1) < 0.15);
  }
}

TEST_CASE("capex that is remembered says so") {
  const Catalog catalog = shipped();
  for (const char* name : {"hgx-h100", "mi300x-8", "trn2", "trn3-ultraserver-144"}) {
    INFO(name);
    const auto& marked = catalog.owner_cost.racks.at(name).source.from_memory;
    CHECK(std::find(marked.begin(), marked.end(), "capex") != marked.end());
  }
  CHECK(catalog.owner_cost.racks.at("hgx-b200").source.from_memory.empty());
  CHECK_FALSE(catalog.owner_cost.racks.contains("tpu-v7"));
}

}  // namespace tokenyard::catalog
