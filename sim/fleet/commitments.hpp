// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "config/section.hpp"
#include "core/quantity.hpp"

namespace tokenyard::fleet {

struct Scenario;
struct AccountingInput;
struct Accounts;

// What was agreed to be paid, used or not: so much money a provider over a term, or so many nodes
// of a kind all the time.
struct Commitment {
  std::string name;
  std::string provider;
  DollarsPerHour spend;  // on nodes and egress

  std::string region;  // of nodes, provider/region; empty for a spend
  std::string rack;
  double accelerators = 0;
  DollarsPerHour price;  // of an accelerator

  bool of_nodes() const { return !region.empty(); }
};

// Over a run, the use up to what was committed.
struct CommitmentUse {
  std::string name;
  double committed_usd = 0;
  double used_usd = 0;

  double shortfall_usd() const { return committed_usd - used_usd; }
};

// The list `commitments` of the section `cost`, when the catalogue is known.
void read_commitments(config::Section& cost, Scenario& scenario);
// Some pool must be able to use each.
void check_commitments(config::Section cost, const Scenario& scenario);

// Adds what was committed and not used to the accounts of the pools that could have used it, in
// proportion to what their nodes cost. Nodes come first, and count as spent if nobody used them;
// commitments for the same thing add up.
void shortfalls(const AccountingInput& input, Accounts& accounts);

}  // namespace tokenyard::fleet
