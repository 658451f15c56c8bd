// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/section.hpp"
#include "fleet/faults.hpp"
#include "fleet/summary.hpp"
#include "sweep/axis.hpp"
#include "sweep/condition.hpp"
#include "sweep/goal_search.hpp"
#include "sweep/metrics.hpp"

namespace tokenyard::sweep {

// In the order of GoalSense.
inline constexpr std::array<std::string_view, 2> goal_senses = {"largest", "fewest"};

// What a goal may ask to survive the loss of.
inline constexpr std::array<std::string_view, 3> survivable_names = {"node", "rack", "region"};

// What each run of a study looks for: how far keys of its scenario can be taken.
struct Goal {
  std::vector<config::Value::Member> keys;  // that have the same value; see `settings`
  GoalRange range;
  std::string unit;  // of the values
  // What a value must meet: conditions over axes and metrics; none: every SLO class attains the
  // percentile that it asks for.
  std::vector<Condition> meets;
  std::vector<MetricName> measured;          // operands of `meets`, behind Study::terms
  std::optional<fleet::FaultScope> survive;  // with any one of these lost, too
  bool early_stop = true;
  std::string canonical;  // all of this, as the identities of runs have it

  bool stops_early() const { return early_stop && meets.empty(); }
  std::string text(double value) const;  // with its unit; read again it is the same number
  std::vector<config::Value::Member> settings(double value) const;
  double in_si(double value) const;
};

struct Study;

// Reads the goal of a study that has its scenario and axes, but for `meets`, which is left to who
// reads conditions. Mistakes are noted.
Goal read_goal(config::Section goal, const config::Document& document, const Study& study);
// Once the goal is whole.
std::string canonical_text(const Goal& goal, const config::Document& scenario);

// The identity of a run of a scenario, which has the goal's keys at `from`.
std::string run_identity(const Study& study, const std::string& scenario_identity);

// Whether a run without losses, or with one, meets the goal.
bool meets(const Study& study, std::span<const Operand> terms, const fleet::Summary& summary);

}  // namespace tokenyard::sweep
