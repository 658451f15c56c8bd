// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/schema.hpp"
#include "config/section.hpp"
#include "sweep/axis.hpp"
#include "sweep/condition.hpp"
#include "sweep/design.hpp"
#include "sweep/goal.hpp"
#include "sweep/metrics.hpp"
#include "sweep/statistics.hpp"

namespace tokenyard::sweep {

// Something that expressions may name of a point: an axis, or a key that an axis of variants sets
// in each of them.
struct Term {
  std::size_t axis = 0;
  std::string key;  // empty: what the level is called
};

struct Objective {
  enum class Sense : std::uint8_t { minimise, maximise };
  Sense sense = Sense::minimise;
  std::string text;
  Expression expression;
};
inline constexpr std::array<std::string_view, 2> sense_names = {"minimise", "maximise"};

// With replications of no fixed number: a point has as many as make the means of these precise.
struct Replicating {
  std::vector<std::size_t> of;  // in Study::measured
  StoppingRule rule;
};

// A study, read and checked but for its scenarios: see dry_run.
struct Study {
  std::string name;
  std::string file;
  std::string sha256;         // of the file
  config::Document scenario;  // the base, as it stands
  std::uint64_t seed = 0;     // of the base
  std::vector<Axis> axes;
  Design design;
  // With more than one, replication r of a point is its scenario with `replication` raised by r:
  // all points see the same traffic.
  std::int64_t replications = 1;  // at most, where `until` says how many
  std::optional<Replicating> until;
  std::uint64_t first_replication = 0;  // of the base

  std::vector<Term> terms;           // operands of conditions come in this order,
  std::vector<MetricName> measured;  // those of `feasible` and `objective` with these behind
  std::vector<Condition> skip;       // of points: over terms alone
  std::vector<MetricName> keep;      // what a run must leave behind: holds all `measured`
  std::vector<Condition> feasible;   // all must hold
  std::optional<Objective> objective;
  std::optional<Goal> goal;  // that each run seeks
};

// Reads a study. All mistakes are noted, those of its base scenario's text included; the study is
// whole only if there are none.
Study read_study(const config::Document& document, config::Reading& reading);

// Those of the fleet, and of metrics.
config::Lists policy_lists();

// What a run is worth: measured values in the order of Study::measured.
bool is_feasible(const Study& study, std::span<const Operand> terms,
                 std::span<const double> measured);
double objective(const Study& study, std::span<const Operand> terms,
                 std::span<const double> measured);

}  // namespace tokenyard::sweep
