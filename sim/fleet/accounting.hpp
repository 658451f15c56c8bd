// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fleet/account.hpp"
#include "fleet/energy.hpp"
#include "fleet/recorder.hpp"
#include "fleet/scenario.hpp"
#include "fleet/simulation.hpp"

namespace tokenyard::fleet {

// Bytes that left a region, and their price.
struct Outflow {
  std::string from;  // provider/region
  double bytes = 0;
  double usd_per_gb = 0;
};

// What is to be known of a pool to account for it.
struct PoolUse {
  std::string name;
  std::string region;  // provider/region
  std::string rack;
  bool owned = false;  // so that no provider is paid for its nodes
  std::size_t model = 0;
  double accelerators = 0;  // paid for
  DollarsPerHour price;     // of all its nodes
  PowerDraw draw;
  std::vector<BusyUpTo> looks;    // by date; the last is the end of the run
  std::vector<double> g_per_kwh;  // one value, or one for each hour
  Duration hours_start;
  std::vector<Outflow> out;
  Tokens prompt;           // computed
  Tokens output;           // written
  Tokens output_reading;   // of it, in iterations that read prompts
  std::vector<Work> work;  // by tenant
};

struct TenantUse {
  std::string name;
  std::size_t model = 0;
  double prompt = 0;  // tokens of requests with status ok
  double cached = 0;  // of these
  double output = 0;
  std::optional<traffic::TokenPrice> price;
};

struct AccountingInput {
  Duration time;
  std::vector<std::string> models;
  std::vector<PoolUse> pools;
  std::vector<TenantUse> tenants;
  std::vector<Commitment> commitments;
};

// The same sums, told apart in five ways.
struct Accounts {
  Account total;
  std::vector<Account> pools;
  std::vector<Account> regions;    // in the order of their first pool
  std::vector<Account> providers;  // likewise
  std::vector<Account> models;
  std::vector<Account> tenants;
  Account unassigned;  // what no tenant used: of pools without tokens
  std::vector<CommitmentUse> commitments;
};

// Seconds of busy time that a token stands for in a pool.
struct TokenWeights {
  double prompt = 0;
  double output = 0;
};
TokenWeights token_weights(const PoolUse& pool);

// Ensures that the parts sum to the totals.
Accounts account(const AccountingInput& input);

// What a run's accounts are made of.
AccountingInput accounting_input(const Scenario& scenario, const Recorder& recorder,
                                 const Totals& totals);

// Of all nodes of a pool together.
DollarsPerHour price_of_nodes(const PoolPlan& plan);
// The intensity of the power at its site: one value, or one for each hour.
std::vector<double> carbon_hours_of(const Scenario& scenario, const PoolPlan& plan);

PowerDraw draw_of(const PoolPlan& pool, const EnergyRules& rules);

}  // namespace tokenyard::fleet
