// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "config/section.hpp"
#include "core/quantity.hpp"

namespace tokenyard::fleet {

struct Scenario;

// Who may serve what, from when to when.
struct ServiceRule {
  std::vector<std::string> models;        // names, `*` at an end stands for anything
  std::optional<std::uint8_t> api_class;  // none: any
  std::vector<std::string> providers;     // that may serve (or, with `first`, are asked first)
  bool first = false;  // the providers come first; others may serve when none of theirs is up
  Instant from = Instant(-std::numeric_limits<double>::infinity());  // of the simulation
  Instant until = Instant::never();                                  // excluded
  std::string note;                                                  // what stands behind it
  std::string where;                                                 // file:line:column

  bool in_force(Instant date) const { return from <= date && date < until; }
};

// Entry pools (by number in Scenario::pools) that may serve a tenant, from a date of the simulation
// on until the next entry.
struct Allowed {
  Instant from;
  std::vector<std::size_t> preferred;  // asked first; all of them, if no rule says who comes first
  std::vector<std::size_t> others;     // when none of the preferred ones is up
};

struct TenantRoutes {
  // Entry pools that have the tenant's model and are not kept for other tenants, whatever rules
  // and residency say.
  std::vector<std::size_t> all;
  std::vector<Allowed> allowed;  // by date; the first is from 0
};

// Of each tenant. A pool that hands over counts if the one that it hands over to may serve too. Of
// rules without `first` all in force must allow a provider, of those with it one must name it.
std::vector<TenantRoutes> routes_of(const Scenario& scenario);

// Whether a name is what `pattern` stands for.
bool matches(const std::string& pattern, const std::string& name);
bool is_about(const ServiceRule& rule, const std::string& model);
bool names_provider_of(const ServiceRule& rule, const std::string& region);

// "gpt-* (stateless) by azure only, from 2025-10-28 until 2026-04-27"
std::string text_of(const ServiceRule& rule, const Scenario& scenario);
// Whether the rule is about a model of the scenario, and in force during some of its run.
bool applies(const ServiceRule& rule, const Scenario& scenario);

// The document with the contents of rules files in place of their names.
config::Document with_rules_of_files(const config::Document& document, config::Reading& reading);
// A rules file by itself, without the scenario that it is for.
void check_rules(const config::Document& document, config::Reading& reading);
// The list `rules` of the section `routing`, when `begins` is known.
void read_rules(config::Section& routing, Scenario& scenario);
// Every tenant must have where to run, at all dates of the run.
void check_routes(config::Section& workload, const Scenario& scenario);
void assume_of_rules(Scenario& scenario);

}  // namespace tokenyard::fleet
