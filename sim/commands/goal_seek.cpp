// SPDX-License-Identifier: Apache-2.0
#include "commands/goal_seek.hpp"

#include <optional>
#include <set>

#include "commands/early_verdict.hpp"
#include "commands/forked.hpp"
#include "commands/run.hpp"
#include "config/errors.hpp"
#include "fleet/survive.hpp"
#include "sweep/runner.hpp"
#include "sweep/runs.hpp"

namespace tokenyard::commands {
namespace {

using fleet::Scenario;
using sweep::Goal;

// What one simulation said.
struct Verdict {
  bool meets = false;
  bool is_early = false;  // before its end
};

class Seeker {
 public:
  Seeker(const sweep::Sweep& sweep, const sweep::Run& run, const network::Platform& platform)
      : sweep_(sweep), run_(run), platform_(platform), goal_(*sweep.study.goal) {}

  Sought seek() {
    sweep::GoalSearch search(goal_.range);
    for (;;) {
      while (const auto value = search.next()) search.tell(meets(*value, goal_.stops_early()));
      if (search.status() == sweep::GoalStatus::none) break;
      // A success that was foretold is looked at to its end.
      if (!foretold_.contains(search.result()) || meets(search.result(), false)) break;
      search.retract();
    }
    Sought sought;
    sought.status = search.status();
    const bool largest = goal_.range.sense == sweep::GoalSense::largest;
    sought.value = search.status() == sweep::GoalStatus::none
                       ? (largest ? goal_.range.from : goal_.range.to)
                       : search.result();
    sought.metrics = {{"goal", goal_.in_si(search.result())},
                      {"goal_low", goal_.in_si(search.low())},
                      {"goal_high", goal_.in_si(search.high())},
                      {"goal_simulations", static_cast<double>(simulations_)},
                      {"goal_status", static_cast<double>(search.status())}};
    return sought;
  }

 private:
  // With nothing lost, and with anything lost that it is to survive.
  bool meets(double value, bool early) {
    Scenario scenario = scenario_at(sweep_, run_, value);
    if (scenario.platform.text != platform_text_.value_or(scenario.platform.text)) {
      throw config::ConfigError(config::Mistake{
          sweep_.study.file, {}, "goal", "changes the platform; seek a value that does not"});
    }
    platform_text_ = scenario.platform.text;
    scenario.survive = goal_.survive;
    bool foretold = false;
    const auto passes = [&](const std::vector<std::uint32_t>& lost) {
      scenario.lost = lost;
      const Verdict verdict = simulated(scenario, early);
      foretold = foretold || verdict.is_early;
      return verdict.meets;
    };
    bool all = passes({});
    if (all && goal_.survive) {
      for (const fleet::Loss& loss : fleet::distinct_losses(scenario)) {
        all = all && passes(loss.replicas);
      }
    }
    if (all && foretold) foretold_.insert(value);
    return all;
  }

  // In a process of its own, which gets the scenario as it is.
  Verdict simulated(Scenario& scenario, bool early) {
    ++simulations_;
    Outcome outcome;
    forked(
        1, [&](std::size_t) { return in_child(scenario, early); },
        [&outcome](std::size_t, Outcome done) { outcome = std::move(done); });
    if (outcome.code == 0) return {outcome.text[0] == '1', outcome.text[1] == '1'};
    if (outcome.code == 2) {
      throw config::ConfigError(config::Mistake{sweep_.study.file, {}, "goal", outcome.text});
    }
    throw sweep::RunError(outcome.text);
  }

  std::string in_child(Scenario& scenario, bool early) const {
    RunOptions options;
    options.quiet = true;
    std::optional<EarlyVerdict> rule;
    if (early) {
      rule.emplace(scenario);
      scenario.keep.series = rule->looks_every(scenario.keep.series);
    }
    options.stop_rule = rule ? &*rule : nullptr;
    const Ran ran = simulate(std::move(scenario), platform_, options);
    if (rule && rule->verdict()) return *rule->verdict() ? "11" : "01";
    const auto terms = sweep::operands_of(sweep_.study, sweep_.points, sweep_.point(run_));
    return sweep::meets(sweep_.study, terms, ran.summary) ? "10" : "00";
  }

  const sweep::Sweep& sweep_;
  const sweep::Run& run_;
  const network::Platform& platform_;
  const Goal& goal_;
  std::optional<std::string> platform_text_;
  std::set<double> foretold_;  // values of which a success was told early
  std::int64_t simulations_ = 0;
};

}  // namespace

Scenario scenario_at(const sweep::Sweep& sweep, const sweep::Run& run, double value) {
  config::Reading reading;
  config::Document document = sweep::scenario_of(sweep.study, sweep.points, sweep.point(run),
                                                 run.replication, reading.mistakes);
  for (const config::Value::Member& setting : sweep.study.goal->settings(value)) {
    config::assign(document, setting, sweep.study.file);
  }
  Scenario scenario = fleet::read_scenario(document, reading);
  reading.mistakes.throw_if_any();
  return scenario;
}

Sought seek_goal(const sweep::Sweep& sweep, const sweep::Run& run,
                 const network::Platform& platform) {
  return Seeker(sweep, run, platform).seek();
}

}  // namespace tokenyard::commands
