// SPDX-License-Identifier: Apache-2.0
#include "catalog/owner_cost.hpp"

#include <array>

#include "core/contracts.hpp"

namespace tokenyard::catalog {
namespace {

constexpr double seconds_an_hour = 3600;
constexpr double hours_a_month = 365.25 * 24 / 12;
constexpr double watts_a_kilowatt = 1e3;

}  // namespace

double capex_of_node_usd(const OwnedRack& rack, RackSize size) {
  switch (rack.per) {
    case OwnedRack::Per::accelerator:
      return rack.capex_usd * static_cast<double>(size.chips_per_node);
    case OwnedRack::Per::rack:
      return rack.capex_usd / static_cast<double>(size.nodes);
    default:
      return rack.capex_usd;
  }
}

DollarsPerHour owner_cost(const OwnedRack& rack, RackSize size, const OwnerTerms& terms) {
  SIM_EXPECT(terms.life > Duration(0) && terms.utilisation > 0);
  const double hardware = capex_of_node_usd(rack, size) / (terms.life.value() / seconds_an_hour);
  const double kilowatts =
      rack.all_in.value() * static_cast<double>(size.chips_per_node) / watts_a_kilowatt;
  const double place = kilowatts * terms.rent_usd_per_kw_month / hours_a_month;
  return DollarsPerHour((hardware + place) / terms.utilisation);
}

OwnerCost read_owner_cost(config::Section& root, const Sources& sources) {
  OwnerCost cost;
  config::Section terms = root.child("terms");
  cost.terms.life = terms.required<Duration>("life", config::positive);
  cost.terms.utilisation = terms.required<config::Fraction>("utilisation", {0.01, 1}).value;
  cost.terms.rent_usd_per_kw_month =
      terms.required_quantity("rent", config::Dimension::power_rent, config::not_negative);
  cost.terms.source = read_source(terms, sources);
  terms.finish();
  return cost;
}

OwnedRack read_owned_rack(config::Section& entry, const Sources& sources) {
  static constexpr std::array<std::string_view, 3> pers = {"node", "accelerator", "rack"};
  OwnedRack rack;
  rack.capex_usd = entry.required_quantity("capex", config::Dimension::money, config::positive);
  rack.per = static_cast<OwnedRack::Per>(entry.choice("per", pers));
  rack.all_in = entry.required<Watts>("all_in", config::positive);
  if (entry.has("published")) {
    config::Section published = entry.child("published");
    for (const std::string& name : published.names()) {
      rack.published[name] = published.required<DollarsPerHour>(name, config::positive);
    }
    published.finish();
  }
  rack.source = read_source(entry, sources);
  entry.finish();
  return rack;
}

}  // namespace tokenyard::catalog
