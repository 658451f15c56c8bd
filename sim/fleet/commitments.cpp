// SPDX-License-Identifier: Apache-2.0
#include "fleet/commitments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "fleet/accounting.hpp"

namespace tokenyard::fleet {
namespace {

using config::Section;

constexpr double seconds_an_hour = 3600;
constexpr double bytes_a_gigabyte = 1e9;

void read_spend(Section& section, Commitment& commitment) {
  commitment.provider = section.required<std::string>("provider");
  const double usd = section.required_quantity("spend", config::Dimension::money, {0.01, 1e15});
  const auto term = section.required<Duration>("term", {1, 1e10});
  commitment.spend = DollarsPerHour(usd / (term.value() / seconds_an_hour));
  for (const char* key : {"region", "rack", "nodes", "basis"}) {
    if (section.has(key)) {
      section.mistake(key, "is of a commitment to nodes, and 'spend' of one to money; make two");
    }
    section.skip(key);
  }
}

// Of an accelerator an hour; nothing and a mistake if none is known.
void read_node_price(Section& section, const Scenario& scenario, double chips_per_node,
                     Commitment& commitment) {
  const std::string basis(catalog::price_bases[section.choice("basis", catalog::price_bases)]);
  if (basis == catalog::owner_basis) {
    section.mistake("basis", "is for nodes that one owns; name one of a provider's price list");
    return;
  }
  const catalog::Price* price = scenario.catalog->price(commitment.rack, commitment.region, basis);
  if (price == nullptr) {
    section.mistake("basis", fmt::format("no {} price of {} in {}; add one to the catalogue", basis,
                                         commitment.rack, commitment.region));
    return;
  }
  const bool by_node = price->per == catalog::Price::Per::node;
  commitment.price = by_node ? price->price / chips_per_node : price->price;
}

void read_nodes(Section& section, const Scenario& scenario, Commitment& commitment) {
  commitment.region = section.required<std::string>("region");
  commitment.provider = catalog::provider_of(commitment.region);
  commitment.rack = section.required<std::string>("rack");
  const auto nodes = section.required<std::int64_t>("nodes", {1, 1e6});
  for (const char* key : {"provider", "term"}) {
    if (section.has(key)) {
      section.mistake(key, "is of a commitment to money, and 'nodes' of one to nodes; make two");
    }
    section.skip(key);
  }
  // Clusters are called region/kind, and have a rack of the catalogue.
  const network::Cluster* cluster =
      find_cluster(scenario, commitment.region + '/' + commitment.rack);
  if (cluster != nullptr) commitment.rack = cluster->rack;
  const auto rack = scenario.catalog->racks.find(commitment.rack);
  if (rack != scenario.catalog->racks.end()) {
    const auto chips = static_cast<double>(rack->second.chips_per_node);
    commitment.accelerators = static_cast<double>(nodes) * chips;
    return read_node_price(section, scenario, chips, commitment);
  }
  std::vector<std::string> known;
  for (const auto& [name, other] : scenario.catalog->racks) known.push_back(name);
  section.mistake("rack", config::unknown_name(commitment.rack, known));
  section.skip("basis");
}

// Owners pay no provider.
bool can_use(const Commitment& commitment, const PoolUse& pool) {
  if (pool.owned) return false;
  if (!commitment.of_nodes()) return catalog::provider_of(pool.region) == commitment.provider;
  return pool.region == commitment.region && pool.rack == commitment.rack;
}

// In proportion to what their nodes cost; alike if none cost anything.
void bear_shortfall(const AccountingInput& input, const Commitment& commitment, double usd,
                    Accounts& accounts) {
  std::vector<double> parts(input.pools.size(), 0.0);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (can_use(commitment, input.pools[i])) parts[i] = accounts.pools[i].cost_nodes_usd;
  }
  double all = std::accumulate(parts.begin(), parts.end(), 0.0);
  if (!(all > 0)) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      parts[i] = can_use(commitment, input.pools[i]) ? 1 : 0;
      all += parts[i];
    }
  }
  SIM_EXPECT(all > 0);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    accounts.pools[i].cost_shortfall_usd += usd * (parts[i] / all);
  }
}

// What each provider was paid for nodes and for bytes that left it.
std::map<std::string, double> spent_at(const AccountingInput& input, const Accounts& accounts) {
  std::map<std::string, double> spent;
  for (std::size_t i = 0; i < input.pools.size(); ++i) {
    const PoolUse& pool = input.pools[i];
    if (!pool.owned) {
      spent[catalog::provider_of(pool.region)] += accounts.pools[i].cost_nodes_usd;
    }
    for (const Outflow& out : pool.out) {
      spent[catalog::provider_of(out.from)] += out.bytes / bytes_a_gigabyte * out.usd_per_gb;
    }
  }
  return spent;
}

template <class T>
std::string kind_of(const T& of) {
  return of.region + ' ' + of.rack;
}

// Accelerator-hours of a rack kind in a region.
std::map<std::string, double> used_of(const AccountingInput& input, const Accounts& accounts) {
  std::map<std::string, double> used;
  for (std::size_t i = 0; i < input.pools.size(); ++i) {
    const PoolUse& pool = input.pools[i];
    if (!pool.owned) used[kind_of(pool)] += accounts.pools[i].accelerator_h;
  }
  return used;
}

// Of what was committed, as much as is left of what was used, at a price for each.
CommitmentUse settle(const Commitment& commitment, double committed, double usd_each,
                     double& left) {
  const double taken = std::min(committed, left);
  left -= taken;
  return {commitment.name, committed * usd_each, taken * usd_each};
}

}  // namespace

void read_commitments(Section& cost, Scenario& scenario) {
  if (!scenario.catalog) return cost.skip("commitments");
  auto& commitments = scenario.accounting.cost.commitments;
  for (Section& section : cost.children("commitments")) {
    Commitment commitment;
    commitment.name = section.required<std::string>("name");
    for (const Commitment& other : commitments) {
      if (other.name == commitment.name) {
        section.mistake("name", "names two commitments; rename one");
      }
    }
    if (section.has("spend") == section.has("nodes")) {
      section.mistake("", "needs one of 'spend' and 'nodes'; give the money, or the nodes");
      for (const char* key : {"provider", "spend", "term", "region", "rack", "nodes", "basis"}) {
        section.skip(key);
      }
    } else if (section.has("spend")) {
      read_spend(section, commitment);
    } else {
      read_nodes(section, scenario, commitment);
    }
    section.finish();
    commitments.push_back(std::move(commitment));
  }
}

void check_commitments(Section cost, const Scenario& scenario) {
  const auto& commitments = scenario.accounting.cost.commitments;
  if (commitments.empty()) return;
  std::vector<Section> sections = cost.children("commitments");
  for (std::size_t i = 0; i < commitments.size(); ++i) {
    const Commitment& commitment = commitments[i];
    const bool used = std::any_of(scenario.pools.begin(), scenario.pools.end(),
                                  [&commitment](const PoolPlan& pool) {
                                    PoolUse use;
                                    use.region = pool.region;
                                    use.rack = pool.rack_name;
                                    use.owned = pool.price->basis == catalog::owner_basis;
                                    return can_use(commitment, use);
                                  });
    if (used) continue;
    const std::string what = commitment.of_nodes()
                                 ? commitment.rack + " nodes in " + commitment.region
                                 : "nodes of " + commitment.provider;
    sections[i].mistake("", "no pool rents " + what +
                                ", so nothing could be used of it; leave it out, or add a pool");
  }
}

void shortfalls(const AccountingInput& input, Accounts& accounts) {
  std::map<std::string, double> spent = spent_at(input, accounts);
  std::map<std::string, double> used = used_of(input, accounts);
  accounts.commitments.resize(input.commitments.size());
  for (std::size_t i = 0; i < input.commitments.size(); ++i) {
    const Commitment& commitment = input.commitments[i];
    if (!commitment.of_nodes()) continue;
    const double hours = commitment.accelerators * input.time.value() / seconds_an_hour;
    CommitmentUse& use = accounts.commitments[i];
    use = settle(commitment, hours, commitment.price.value(), used[kind_of(commitment)]);
    bear_shortfall(input, commitment, use.shortfall_usd(), accounts);
    spent[commitment.provider] += use.shortfall_usd();
  }
  for (std::size_t i = 0; i < input.commitments.size(); ++i) {
    const Commitment& commitment = input.commitments[i];
    if (commitment.of_nodes()) continue;
    const double usd = (commitment.spend * input.time).value();
    CommitmentUse& use = accounts.commitments[i];
    use = settle(commitment, usd, 1, spent[commitment.provider]);
    bear_shortfall(input, commitment, use.shortfall_usd(), accounts);
  }
}

}  // namespace tokenyard::fleet
