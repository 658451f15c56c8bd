// SPDX-License-Identifier: Apache-2.0
#include "fleet/accounting_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include "core/sha256.hpp"
#include "fleet/carbon_hours.hpp"
#include "fleet/scenario.hpp"

namespace tokenyard::fleet {
namespace {

using config::Section;

constexpr std::size_t hours_a_day = 24;

std::vector<double> read_hours(Section& carbon, const std::string& region) {
  std::vector<double> hours;
  for (const std::string& text : carbon.strings(region)) {
    const auto value = config::parse_quantity(text, config::Dimension::carbon_intensity);
    if (!value.problem.empty()) carbon.mistake(region, value.problem);
    if (value.value < 0) carbon.mistake(region, "'" + text + "' is below 0; raise it");
    hours.push_back(std::max(0.0, value.value));
  }
  if (hours.size() != hours_a_day) {
    carbon.mistake(region, fmt::format("lists {} values; list one for each of the 24 hours in UTC",
                                       hours.size()));
  }
  return hours;
}

std::vector<double> read_hours_file(Section& carbon, const std::string& region,
                                    const std::string& path,
                                    std::map<std::string, std::string>& inputs) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    carbon.mistake(region, path + " cannot be read; name a .csv file of hours");
    return {};
  }
  const CarbonHours hours = parse_carbon_hours(text.str());
  if (!hours.problem.empty()) carbon.mistake(region, path + ": " + hours.problem);
  inputs["carbon/" + region] = sha256_hex(text.str());
  return hours.g_per_kwh;
}

// One value for all hours, or the name of a file with one for each.
std::vector<double> read_value_or_file(Section& carbon, const std::string& region,
                                       const std::string& file, EnergyRules& rules,
                                       std::map<std::string, std::string>& inputs) {
  const auto text = carbon.required<std::string>(region);
  if (text.ends_with(".csv")) {
    rules.carbon_files.insert(region);
    return read_hours_file(carbon, region, beside(file, text), inputs);
  }
  const auto value = config::parse_quantity(text, config::Dimension::carbon_intensity);
  if (!value.problem.empty() || value.value < 0) {
    carbon.mistake(region, "'" + text +
                               "' is neither a value such as '380 g/kWh', nor a list of 24, nor a "
                               ".csv file; write one of these");
  }
  return {std::max(0.0, value.value)};
}

void check_region(Section& carbon, const std::string& region, const Scenario& scenario) {
  std::string known;
  for (const network::Cluster& cluster : scenario.layout.clusters) {
    if (cluster.region == region) return;
    if (known.find(cluster.region) != std::string::npos) continue;
    known += (known.empty() ? "" : ", ") + cluster.region;
  }
  if (known.empty()) return;
  carbon.mistake(region, "'" + region + "' is not a region of the platform; it has " + known);
}

std::string region_of(const Scenario& scenario, const std::string& cluster) {
  const network::Cluster* found = find_cluster(scenario, cluster);
  return found == nullptr ? "" : found->region;
}

std::optional<catalog::Price> owner_price(const Scenario& scenario, const PoolPlan& pool) {
  const auto& racks = scenario.catalog->owner_cost.racks;
  const auto found = racks.find(pool.rack_name);
  if (found == racks.end()) return std::nullopt;
  const catalog::OwnedRack& owned = found->second;
  const catalog::OwnerTerms& terms = scenario.accounting.cost.owner;
  const catalog::RackSize size{pool.rack->chips_per_node, pool.rack->nodes};
  constexpr double seconds_a_year = 365.25 * 86400;
  catalog::Price price;
  price.rack = pool.rack_name;
  price.provider = catalog::provider_of(pool.region);
  price.region = "any";
  price.basis = catalog::owner_basis;
  price.price = catalog::owner_cost(owned, size, terms);
  price.item = fmt::format(
      "{:.0f} USD a node over {:.4g} years, {:.4g} kW all-in at {:.4g} "
      "USD/kW-month, {:.4g} % utilised:",
      catalog::capex_of_node_usd(owned, size), terms.life.value() / seconds_a_year,
      owned.all_in.value() * static_cast<double>(size.chips_per_node) / 1e3,
      terms.rent_usd_per_kw_month, 100 * terms.utilisation);
  price.date = "computed";
  price.source = {owned.source.text + "; " + terms.source.text, owned.source.from_memory};
  price.source.from_memory.insert(price.source.from_memory.end(), terms.source.from_memory.begin(),
                                  terms.source.from_memory.end());
  return price;
}

}  // namespace

std::vector<EgressRoute> egress_routes(const Scenario& scenario, const PoolPlan& pool) {
  std::vector<EgressRoute> routes;
  const auto add = [&routes](EgressRoute::Bytes bytes, const std::string& from,
                             const std::string& to) {
    if (from != to) routes.push_back({bytes, from, to});
  };
  if (pool.role == PoolRole::prefill) {
    add(EgressRoute::Bytes::handed_over, pool.region, scenario.pools[pool.next_pool].region);
  }
  if (pool.store) {
    const std::string store = region_of(scenario, pool.store->at);
    add(EgressRoute::Bytes::fetched, store, pool.region);
    add(EgressRoute::Bytes::put, pool.region, store);
  }
  if (pool.cold_start) {
    const StorePlan& weights = scenario.stores[pool.cold_start->number].plan;
    add(EgressRoute::Bytes::weights, region_of(scenario, weights.at), pool.region);
  }
  return routes;
}

std::optional<double> egress_price(const Scenario& scenario, const EgressRoute& route) {
  const auto published = scenario.catalog->egress.usd_per_gb(route.from, route.to);
  return published ? published : scenario.accounting.cost.egress_usd_per_gb;
}

std::optional<catalog::Price> price_of(const Scenario& scenario, const PoolPlan& pool,
                                       const std::string& basis) {
  if (basis == catalog::owner_basis) return owner_price(scenario, pool);
  const catalog::Price* price = scenario.catalog->price(pool.rack_name, pool.region, basis);
  return price == nullptr ? std::nullopt : std::optional(*price);
}

void read_energy(Section section, const std::string& file, Scenario& scenario,
                 std::map<std::string, std::string>& inputs) {
  EnergyRules& rules = scenario.accounting.energy;
  const auto share = [&section](const char* key, double fallback) {
    return section.optional<config::Fraction>(key, {fallback}, {0, 1}).value;
  };
  rules.prefill = share("prefill", rules.prefill);
  rules.decode = share("decode", rules.decode);
  rules.overhead = section.optional<double>("overhead", rules.overhead, {1, 10});
  const Duration hour = scenario.begins ? time_of_day(*scenario.begins) : Duration(0);
  rules.start = section.optional<Duration>("start", hour, config::not_negative);
  constexpr double seconds_a_day = 86400;
  if (scenario.begins && std::fmod(rules.start.value(), seconds_a_day) != hour.value()) {
    section.mistake("start", "is another time of the day than that of 'begins', " +
                                 moment_text(*scenario.begins) + "; leave one of them out");
  }
  if (section.has("carbon")) {
    Section carbon = section.child("carbon");
    for (const std::string& region : carbon.names()) {
      check_region(carbon, region, scenario);
      rules.carbon[region] = carbon.has_list(region)
                                 ? read_hours(carbon, region)
                                 : read_value_or_file(carbon, region, file, rules, inputs);
    }
    carbon.finish();
  }
  section.finish();
}

void read_cost(Section section, Scenario& scenario) {
  static constexpr std::array<std::string_view, 2> unlike = {"refuse", "allow"};
  CostRules& rules = scenario.accounting.cost;
  if (scenario.catalog) rules.owner = scenario.catalog->owner_cost.terms;
  read_commitments(section, scenario);
  rules.unlike_bases = section.choice("unlike_bases", unlike, 0) == 1;
  if (section.has("egress")) {
    rules.egress_usd_per_gb =
        section.required_quantity("egress", config::Dimension::data_price, config::not_negative);
  }
  if (rules.owner.life > Duration(0)) {
    Section owner = section.child("owner");
    catalog::OwnerTerms& terms = rules.owner;
    terms.life = owner.optional<Duration>("life", terms.life, config::positive);
    terms.utilisation =
        owner.optional<config::Fraction>("utilisation", {terms.utilisation}, {0.01, 1}).value;
    terms.rent_usd_per_kw_month = owner.optional_quantity(
        "rent", config::Dimension::power_rent, terms.rent_usd_per_kw_month, config::not_negative);
    owner.finish();
  } else if (section.has("owner")) {
    section.mistake("owner", "has nothing to change: the catalogue has no owner_cost.yaml");
    section.skip("owner");
  }
  section.finish();
}

void check_costs(Section& fleet, const Scenario& scenario) {
  const PoolPlan& first = scenario.pools.front();
  for (const PoolPlan& pool : scenario.pools) {
    if (!scenario.accounting.cost.unlike_bases && pool.price->basis != first.price->basis) {
      fleet.mistake("pools",
                    fmt::format("the cost of '{}' is on the basis {} and that of '{}' on "
                                "{}, which do not compare; give them one basis, or say "
                                "'cost: {{unlike_bases: allow}}'",
                                first.name, first.price->basis, pool.name, pool.price->basis));
    }
    for (const EgressRoute& route : egress_routes(scenario, pool)) {
      if (egress_price(scenario, route)) continue;
      fleet.mistake("pools", fmt::format("bytes of '{}' leave {} for {}, and no price of that is "
                                         "known; give one, such as 'cost: {{egress: 0.09 USD/GB}}'",
                                         pool.name, route.from, route.to));
    }
  }
}

void assume_of_accounts(Scenario& scenario) {
  const EnergyRules& energy = scenario.accounting.energy;
  scenario.assumptions.push_back(fmt::format(
      "of the range between its idle and its maximum power, an accelerator draws {:.4g} % while an "
      "iteration of its replica reads prompts, {:.4g} % while one only decodes, else "
      "none; the rest of its node always its maximum; times {:.4g} for what the fleet needs "
      "besides, and the site's PUE",
      100 * energy.prefill, 100 * energy.decode, energy.overhead));
  for (const PoolPlan& pool : scenario.pools) {
    if (!pool.price || pool.price->source.from_memory.empty()) continue;
    std::string keys;
    for (const std::string& key : pool.price->source.from_memory) {
      keys += (keys.empty() ? "" : ", ") + key;
    }
    scenario.assumptions.push_back("what " + pool.name + " costs has no public source for " + keys);
  }
  for (const PoolPlan& pool : scenario.pools) {
    for (const EgressRoute& route : egress_routes(scenario, pool)) {
      const auto price = egress_price(scenario, route);
      if (!price) continue;
      scenario.assumptions.push_back(
          fmt::format("bytes of {} from {} to {} cost {:.4g} USD/GB, without discounts", pool.name,
                      route.from, route.to, *price));
    }
  }
}

}  // namespace tokenyard::fleet
