// SPDX-License-Identifier: Apache-2.0
#include "sweep/tally.hpp"

#include "core/contracts.hpp"
#include "results/record.hpp"

namespace tokenyard::sweep {

Tally::Tally(const Sweep& sweep)
    : sweep_(&sweep),
      states_(sweep.runs.size(), State::missing),
      values_(sweep.runs.size() * sweep.study.measured.size(), results::no_value) {
  for (std::size_t i = 0; i < sweep.runs.size(); ++i) {
    const std::string& identity = sweep.runs[i].identity;
    if (!identity.empty()) {
      runs_of_[identity].push_back(i);
      continue;
    }
    states_[i] = State::failed;
    ++failed_;
  }
}

void Tally::done(const std::string& identity, const std::vector<double>& measured) {
  for (const std::size_t run : runs_of_.at(identity)) take(run, measured);
}

void Tally::take(std::size_t run, const std::vector<double>& measured) {
  SIM_EXPECT(measured.size() == sweep_->study.measured.size());
  if (states_[run] == State::done) return;
  failed_ -= states_[run] == State::failed ? 1 : 0;
  states_[run] = State::done;
  ++done_;
  std::copy(measured.begin(), measured.end(),
            values_.begin() + static_cast<std::ptrdiff_t>(run * measured.size()));
  const std::size_t first = run - sweep_->runs[run].replication;
  const auto count = static_cast<std::size_t>(sweep_->study.replications);
  for (std::size_t i = first; i < first + count; ++i) {
    if (states_[i] != State::done) return;
  }
  ++whole_;
  judge(sweep_->point(sweep_->runs[run]), first);
}

void Tally::failed(const std::string& identity) {
  for (const std::size_t run : runs_of_.at(identity)) {
    if (states_[run] != State::missing) continue;
    states_[run] = State::failed;
    ++failed_;
  }
}

void Tally::judge(const Point& point, std::size_t first_run) {
  const Study& study = sweep_->study;
  const auto count = static_cast<std::size_t>(study.replications);
  std::vector<double> means(study.measured.size(), 0);
  for (std::size_t i = 0; i < means.size(); ++i) {
    for (std::size_t r = 0; r < count; ++r) means[i] += values_[(first_run + r) * means.size() + i];
    means[i] /= static_cast<double>(count);
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
