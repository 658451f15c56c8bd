// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "catalog/source.hpp"
#include "config/section.hpp"
#include "fleet/faults.hpp"
#include "fleet/maintenance.hpp"

namespace tokenyard::fleet {

struct Scenario;

// What fails at random: an entry of a profile or of the scenario.
struct FaultRule {
  FaultKind kind;
  FaultScope scope = FaultScope::node;
  std::vector<std::string> racks;  // where; those that are empty leave nothing out
  std::vector<std::string> regions;
  std::vector<std::string> providers;
  std::string reliability;  // the entry of the catalogue, if it is one's
  std::vector<std::string> from_memory;
  std::size_t components = 0;  // of the fleet, that it can befall
};

// What a script names: "node aws/us-east-1/h100/3".
struct FaultTarget {
  FaultScope scope = FaultScope::node;
  std::string place;         // a region, provider, cluster, pool or link
  std::uint32_t number = 0;  // of the node, rack or replica there

  std::string name() const;
  bool operator==(const FaultTarget&) const = default;
};

struct ScriptedFault {
  FaultTarget target;
  Instant begin;
  Instant end;
  double share = 0;  // what is left of a link
};

// All that fails in a scenario.
struct FaultPlan {
  std::vector<FaultRule> rules;
  std::vector<ScriptedFault> scripted;
  std::set<std::string> files;                // keys of the scenario that name profiles
  std::map<std::string, std::string> inputs;  // sha256 of the files that the rules stand on

  bool befalls() const;  // whether any rule can befall a component; else it changes no result
};

// The components of a scenario's pools, with what befalls them.
FaultInput fault_input(const Scenario& scenario);

// Those of one kind that any replica stands on.
std::vector<Component> components_of(const Scenario& scenario, FaultScope scope);

// What an operator writes: `faults`, `scripted_faults`, `maintenance`. After the pools.
void read_faults(config::Section& root, const config::Document& document, Scenario& scenario,
                 config::Reading& reading);
void read_scripted_faults(config::Section& root, Scenario& scenario,
                          const config::Reading& reading);
void read_survive(config::Section& root, Scenario& scenario);
void read_maintenance(config::Section& root, Scenario& scenario);
// Of a scenario without mistakes: counts what the rules can befall, and says what they assume.
void assume_of_faults(Scenario& scenario);

// A profile by itself, against the catalogue in the folder `catalog` beside its own.
void check_fault_profile(const config::Document& document, config::Reading& reading);

}  // namespace tokenyard::fleet
