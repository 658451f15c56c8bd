// SPDX-License-Identifier: Apache-2.0
#include "sweep/goal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "config/kinds.hpp"
#include "config/units.hpp"
#include "core/contracts.hpp"
#include "core/sha256.hpp"
#include "fleet/survive.hpp"
#include "sweep/keys.hpp"
#include "sweep/study.hpp"

namespace tokenyard::sweep {
namespace {

using config::Section;
using config::Value;

constexpr double most_whole = 1e15;

constexpr std::array survivable = {fleet::FaultScope::node, fleet::FaultScope::rack,
                                   fleet::FaultScope::region};

class GoalReader {
 public:
  GoalReader(Section& section, const Value& written, const config::Document& document,
             const Study& study)
      : section_(section), written_(written), document_(document), study_(study) {}

  Goal read() {
    read_sense();
    GoalRange& range = goal_.range;
    range.whole = range.sense == GoalSense::fewest || section_.optional<bool>("whole", false);
    const double usual = range.whole ? 0 : range.tolerance;
    const double least = range.whole ? 0 : least_tolerance;
    range.tolerance = section_.optional<config::Fraction>("tolerance", {usual}, {least, 1}).value;
    read_ends();
    section_.skip("meets");
    if (section_.has("survive")) {
      goal_.survive = survivable[section_.choice("survive", survivable_names)];
    }
    goal_.early_stop = section_.optional<bool>("early_stop", true);
    if (range.sense == GoalSense::fewest && section_.has("whole")) {
      section_.mistake("whole", "goes without saying of 'fewest'; remove it");
      section_.skip("whole");
    }
    section_.finish();
    return std::move(goal_);
  }

 private:
  void read_sense() {
    std::vector<std::size_t> given;
    for (std::size_t i = 0; i < goal_senses.size(); ++i) {
      section_.skip(goal_senses[i]);
      if (section_.has(goal_senses[i])) given.push_back(i);
    }
    if (given.size() != 1) {
      return section_.mistake("", given.empty()
                                      ? "seeks nothing; write 'largest: KEY' or 'fewest: KEY'"
                                      : "has both 'largest' and 'fewest'; keep one of the two");
    }
    goal_.range.sense = static_cast<GoalSense>(given[0]);
    const std::string_view sense = goal_senses[given[0]];
    const Value& keys = *written_.find(sense);
    const std::vector<Value> single{keys};
    for (const Value& key : keys.kind == Value::Kind::list ? keys.items : single) {
      read_key(key, sense);
    }
    if (goal_.keys.empty()) section_.mistake(sense, "names no key; write at least one");
  }

  void read_key(const Value& key, std::string_view sense) {
    const std::string problem =
        key.kind == Value::Kind::string
            ? problem_of_key(key.text, "it")
            : config::found_text(key) +
                  " where a key is wanted; write it like workload.tenants[chat].rate.scale";
    if (!problem.empty()) return section_.mistake(sense, problem);
    const std::string canonical = same(key.text);
    for (const auto& other : goal_.keys) {
      if (same(other.key) != canonical) continue;
      return section_.mistake(sense, config::in_quotes(key.text) + " is there twice; remove one");
    }
    refuse_shared(key.text, canonical, sense);
    goal_.keys.push_back({key.text, key.at, {}});
  }

  void refuse_shared(const std::string& key, const std::string& canonical, std::string_view sense) {
    const auto refuse = [&](const std::string& by) {
      section_.mistake(sense,
                       config::in_quotes(key) + " is set by " + by + "; leave it to one of them");
    };
    for (const Axis& axis : study_.axes) {
      bool shared = axis.range && same(axis.range->key.key) == canonical;
      for (const Level& level : axis.levels) {
        for (const auto& setting : level.settings) shared |= same(setting.key) == canonical;
      }
      if (shared) return refuse("the axis " + config::in_quotes(axis.name) + ", too");
    }
    const Value* set = document_.root.find("set");
    if (set == nullptr) return;
    for (const auto& member : set->members) {
      if (same(member.key) == canonical) return refuse("`set`, too");
    }
  }

  std::string same(const std::string& key) const { return canonical_key(study_.scenario, key); }

  std::optional<Measured> end(std::string_view key) {
    section_.skip(key);
    const Value* value = written_.find(key);
    if (value == nullptr || value->kind == Value::Kind::null) {
      section_.mistake(key, config::missing_key());
      return {};
    }
    auto found = measured(*value);
    if (!found || !std::isfinite(found->number)) {
      section_.mistake(key,
                       config::found_text(*value) + " is no number; write it like 5 or '10 ms'");
      return {};
    }
    return found;
  }

  void read_ends() {
    const auto from = end("from"), to = end("to");
    if (!from || !to) return;
    GoalRange& range = goal_.range;
    goal_.unit = from->unit;
    const std::string unit = problem_of_unit(from->unit, to->unit);
    const auto is_whole = [](double value) {
      return value == std::floor(value) && std::abs(value) <= most_whole;
    };
    if (!unit.empty()) return section_.mistake("to", unit);
    if (from->number >= to->number) {
      return section_.mistake("to", "is not above 'from'; exchange them");
    }
    if (range.whole && !(is_whole(from->number) && is_whole(to->number))) {
      return section_.mistake(is_whole(from->number) ? "to" : "from",
                              "is no whole number; write one, since only those are tried");
    }
    if (!range.whole && from->number <= 0) {
      return section_.mistake("from",
                              "is not above 0, where a tolerance of the value says "
                              "nothing; begin above 0");
    }
    range.from = from->number;
    range.to = to->number;
  }

  Section& section_;
  const Value& written_;
  const config::Document& document_;
  const Study& study_;
  Goal goal_;
};

}  // namespace

std::string Goal::text(double value) const {
  const std::string number = range.whole ? fmt::format("{:.0f}", value) : config::shortest(value);
  return unit.empty() ? number : number + " " + unit;
}

std::vector<Value::Member> Goal::settings(double value) const {
  std::vector<Value::Member> settings = keys;
  for (Value::Member& setting : settings) {
    setting.value.kind = unit.empty() ? Value::Kind::number : Value::Kind::string;
    setting.value.at = setting.key_at;
    setting.value.text = text(value);
  }
  return settings;
}

double Goal::in_si(double value) const {
  if (!std::isfinite(value)) return value;
  const auto found = typed(settings(value).front().value);
  SIM_ENSURE(found.has_value());
  return found->operand.number;
}

Goal read_goal(Section section, const config::Document& document, const Study& study) {
  static const Value nothing;
  const Value* written = document.root.find("goal");
  return GoalReader(section, written == nullptr ? nothing : *written, document, study).read();
}

std::string canonical_text(const Goal& goal, const config::Document& scenario) {
  std::vector<std::string> keys;
  for (const auto& key : goal.keys) keys.push_back(canonical_key(scenario, key.key));
  std::sort(keys.begin(), keys.end());
  nlohmann::ordered_json text;
  text[std::string(goal_senses[static_cast<std::size_t>(goal.range.sense)])] = keys;
  text["from"] = goal.text(goal.range.from);
  text["to"] = goal.text(goal.range.to);
  text["whole"] = goal.range.whole;
  text["tolerance"] = goal.range.tolerance;
  for (const Condition& condition : goal.meets) text["meets"].push_back(condition.text);
  if (goal.survive) text["survive"] = fleet::fault_scopes[static_cast<std::size_t>(*goal.survive)];
  text["early_stop"] = goal.stops_early();
  return text.dump();
}

std::string run_identity(const Study& study, const std::string& scenario_identity) {
  if (!study.goal) return scenario_identity;
  return sha256_hex("tokenyard goal 1\n" + scenario_identity + "\n" + study.goal->canonical);
}

bool meets(const Study& study, std::span<const Operand> terms, const fleet::Summary& summary) {
  const Goal& goal = *study.goal;
  if (goal.meets.empty()) return fleet::verdict_of(summary).survives;
  std::vector<Operand> operands(terms.begin(), terms.end());
  for (const MetricName& name : goal.measured) operands.push_back({name.value(summary), {}});
  return std::all_of(goal.meets.begin(), goal.meets.end(), [&](const Condition& condition) {
    return condition.expression.holds(operands);
  });
}

}  // namespace tokenyard::sweep
