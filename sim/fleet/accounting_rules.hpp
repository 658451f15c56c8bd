// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "catalog/catalog.hpp"
#include "config/section.hpp"
#include "fleet/commitments.hpp"

namespace tokenyard::fleet {

struct Scenario;
struct PoolPlan;

// How energy and carbon are counted. The shares are of the range between idle and busy power.
struct EnergyRules {
  double prefill = 1;   // while an iteration reads prompts
  double decode = 0.7;  // while one only writes
  double overhead = 1.05;
  Duration start;  // of the simulation, in UTC, from the first hour of the lists below
  std::map<std::string, std::vector<double>> carbon;  // g/kWh by region and hour; they repeat
  std::set<std::string> carbon_files;                 // regions whose hours a file gives
};

struct CostRules {
  bool unlike_bases = false;  // whether pools may stand side by side on them
  catalog::OwnerTerms owner;
  std::optional<double> egress_usd_per_gb;  // where no price is published
  std::vector<Commitment> commitments;
};

struct AccountingRules {
  EnergyRules energy;
  CostRules cost;
};

// Bytes that a pool's requests cause between two regions.
struct EgressRoute {
  enum class Bytes : std::uint8_t { handed_over, fetched, put, weights };

  Bytes bytes = Bytes::handed_over;
  std::string from;  // provider/region
  std::string to;
};

// Where a pool's bytes may go, those that stay in their region left out.
std::vector<EgressRoute> egress_routes(const Scenario& scenario, const PoolPlan& pool);

// By the catalogue, else by the scenario.
std::optional<double> egress_price(const Scenario& scenario, const EgressRoute& route);

// The price of a pool's rack: looked up, or computed for its owner. Nothing if it is not known.
std::optional<catalog::Price> price_of(const Scenario& scenario, const PoolPlan& pool,
                                       const std::string& basis);

// The sections `energy` and `cost`, before the pools are read; `inputs` gets the files' sha256.
void read_energy(config::Section section, const std::string& file, Scenario& scenario,
                 std::map<std::string, std::string>& inputs);
void read_cost(config::Section section, Scenario& scenario);

// After them: pools on unlike bases, and bytes without a price.
void check_costs(config::Section& fleet, const Scenario& scenario);

void assume_of_accounts(Scenario& scenario);

}  // namespace tokenyard::fleet
