// SPDX-License-Identifier: Apache-2.0
#include "sweep/tally.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/contracts.hpp"
#include "results/record.hpp"

namespace tokenyard::sweep {

Tally::Tally(const Sweep& sweep, const Shard& shard)
    : sweep_(&sweep),
      replications_(static_cast<std::size_t>(sweep.study.replications)),
      wanted_(sweep.runs.size() / replications_, 0),
      states_(sweep.runs.size(), State::missing),
      values_(sweep.runs.size() * sweep.study.measured.size(), results::no_value) {
  SIM_EXPECT(sweep.runs.size() % replications_ == 0);
  const std::size_t at_first = sweep.study.until ? sweep.study.until->rule.least : replications_;
  for (std::size_t i = 0; i < sweep.runs.size(); ++i) {
    if (!shard.has(sweep.runs[i])) continue;
    if (sweep.runs[i].replication == 0) {
      wanted_[i / replications_] = at_first;
      wanted_runs_ += at_first;
    }
    const std::string& identity = sweep.runs[i].identity;
    if (!identity.empty()) {
      runs_of_[identity].push_back(i);
      continue;
    }
    states_[i] = State::failed;
    failed_ += is_wanted(i) ? 1 : 0;
  }
}

std::vector<std::size_t> Tally::done(const std::string& identity,
                                     const std::vector<double>& measured) {
  std::vector<std::size_t> more;
  for (const std::size_t run : runs_of_.at(identity)) take(run, measured, more);
  // Points of one identity want the same replication: one run of it is enough.
  std::set<std::string> seen;
  std::erase_if(more,
                [&](std::size_t run) { return !seen.insert(sweep_->runs[run].identity).second; });
  return more;
}

void Tally::take(std::size_t run, const std::vector<double>& measured,
                 std::vector<std::size_t>& more) {
  SIM_EXPECT(measured.size() == sweep_->study.measured.size());
  if (states_[run] == State::done) return;
  failed_ -= states_[run] == State::failed && is_wanted(run) ? 1 : 0;
  states_[run] = State::done;
  std::copy(measured.begin(), measured.end(),
            values_.begin() + static_cast<std::ptrdiff_t>(run * measured.size()));
  if (!is_wanted(run)) return;
  ++done_;
  const std::size_t first = run - sweep_->runs[run].replication;
  std::size_t& wanted = wanted_[run / replications_];
  const auto is_done = [](State state) { return state == State::done; };
  for (;;) {
    const auto begin = states_.begin() + static_cast<std::ptrdiff_t>(first);
    if (!std::all_of(begin, begin + static_cast<std::ptrdiff_t>(wanted), is_done)) return;
    if (is_precise(first, wanted)) break;
    const std::size_t next = first + wanted++;
    ++wanted_runs_;
    done_ += states_[next] == State::done ? 1 : 0;
    failed_ += states_[next] == State::failed ? 1 : 0;
    if (states_[next] != State::done) more.push_back(next);
  }
  ++whole_;
  judge(sweep_->point(sweep_->runs[run]), first, wanted);
}

bool Tally::is_wanted(std::size_t point, std::size_t replication) const {
  const auto first = std::lower_bound(
      sweep_->runs.begin(), sweep_->runs.end(), point,
      [this](const Run& run, std::size_t number) { return sweep_->point(run).number < number; });
  SIM_EXPECT(first != sweep_->runs.end());
  return is_wanted(static_cast<std::size_t>(first - sweep_->runs.begin()) + replication);
}

std::vector<std::size_t> Tally::to_do() const {
  std::vector<std::size_t> runs;
  for (const auto& [identity, same] : runs_of_) {
    const auto first = std::find_if(same.begin(), same.end(), [this](std::size_t run) {
      return is_wanted(run) && states_[run] == State::missing;
    });
    if (first != same.end()) runs.push_back(*first);
  }
  std::sort(runs.begin(), runs.end());
  return runs;
}

// Whether a point needs no more replications than the first so many.
bool Tally::is_precise(std::size_t first_run, std::size_t count) const {
  const std::optional<Replicating>& until = sweep_->study.until;
  if (!until || count == replications_) return true;
  return std::all_of(until->of.begin(), until->of.end(), [&](std::size_t metric) {
    const std::vector<double> values = values_of(metric, first_run, count);
    // What is no number does not become one by more of them.
    const bool numbers = std::all_of(values.begin(), values.end(),
                                     [](double value) { return std::isfinite(value); });
    return !numbers || stopping(until->rule, values) != Stopping::go_on;
  });
}

// Of one metric, in so many runs.
std::vector<double> Tally::values_of(std::size_t metric, std::size_t first_run,
                                     std::size_t count) const {
  const std::size_t width = sweep_->study.measured.size();
  std::vector<double> values;
  for (std::size_t r = 0; r < count; ++r) {
    values.push_back(values_[(first_run + r) * width + metric]);
  }
  return values;
}

void Tally::failed(const std::string& identity) {
  for (const std::size_t run : runs_of_.at(identity)) {
    if (states_[run] != State::missing) continue;
    states_[run] = State::failed;
    failed_ += is_wanted(run) ? 1 : 0;
  }
}

void Tally::judge(const Point& point, std::size_t first_run, std::size_t count) {
  const Study& study = sweep_->study;
  std::vector<double> means;
  for (std::size_t i = 0; i < study.measured.size(); ++i) {
    means.push_back(interval_if_numbers(values_of(i, first_run, count)).mean);
  }
  const std::vector<Operand> terms = operands_of(study, sweep_->points, point);
  if (!is_feasible(study, terms, means)) {
    ++infeasible_;
    return;
  }
  if (!study.objective) return;
  const double value = objective(study, terms, means);
  const bool least = study.objective->sense == Objective::Sense::minimise;
  const bool better = !best_ || (least ? value < best_->objective : value > best_->objective) ||
                      (value == best_->objective && point.number < best_->point->number);
  if (value == value && better) best_ = Best{&point, value};
}

std::vector<double> measured_of(const Study& study, const Metrics& metrics) {
  std::vector<double> values;
  for (const MetricName& name : study.measured) {
    const auto found = metrics.find(name.text());
    values.push_back(found == metrics.end() ? results::no_value : found->second);
  }
  return values;
}

}  // namespace tokenyard::sweep
