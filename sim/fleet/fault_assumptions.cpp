// SPDX-License-Identifier: Apache-2.0
// What a run with faults and planned work stands on.
#include <fmt/format.h>

#include <algorithm>

#include "fleet/scenario.hpp"

namespace tokenyard::fleet {
namespace {

std::string shown(Duration time) {
  const double hours = time.value() / 3600;
  return hours < 1 ? fmt::format("{:.6g} min", 60 * hours) : fmt::format("{:.6g} h", hours);
}

std::string listed(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string assumption_of(const FaultRule& rule) {
  const Life& life = rule.kind.life;
  const std::string_view what = fault_scopes[static_cast<std::size_t>(rule.scope)];
  return fmt::format(
      "{}: of {} {}{}, each fails in the mean {} after the start or a repair ({}), and is away for "
      "{} ({}); {}{}",
      rule.kind.name, rule.components, what, rule.components == 1 ? "" : "s",
      shown(life.between_failures),
      life.shape ? fmt::format("Weibull, shape {}", *life.shape) : "exponential",
      shown(life.repair), life.fixed_repair ? "always" : "exponential",
      rule.reliability.empty() ? "as the scenario says" : "the catalogue's " + rule.reliability,
      rule.from_memory.empty() ? "" : ", from memory: " + listed(rule.from_memory));
}

}  // namespace

bool FaultPlan::befalls() const {
  return std::any_of(rules.begin(), rules.end(),
                     [](const FaultRule& rule) { return rule.components > 0; });
}

void assume_of_faults(Scenario& scenario) {
  FaultPlan& plan = scenario.faults;
  if (plan.rules.empty() && plan.scripted.empty()) return;
  const FaultInput input = fault_input(scenario);
  for (const FaultInput::Process& process : input.lives) ++plan.rules[process.kind].components;
  for (const FaultRule& rule : plan.rules) {
    if (rule.components > 0) scenario.assumptions.push_back(assumption_of(rule));
  }
  if (!input.lives.empty()) {
    scenario.assumptions.emplace_back(
        "what fails at random does so whatever the load, each component by itself, and is as new "
        "at the start and after each repair; a link that does is a node's own");
  }
  for (const FaultInput::Outage& outage : input.scripted) {
    const Component& component = input.components[outage.component];
    if (component.replicas.empty() && component.pools.empty() && component.link.empty()) {
      scenario.assumptions.push_back("the scripted fault of " + component.name +
                                     " does nothing: no replica stands there");
    }
  }
}

}  // namespace tokenyard::fleet
