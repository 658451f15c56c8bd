// SPDX-License-Identifier: Apache-2.0
#include "sweep/certainty.hpp"

#include <algorithm>
#include <cmath>

#include "core/contracts.hpp"
#include "core/portable_math.hpp"
#include "sweep/statistics.hpp"

namespace tokenyard::sweep {
namespace {

constexpr std::size_t batch_count = 20;
constexpr std::size_t left_out = 2;  // batches before them
constexpr std::size_t least_rows = 3 * (batch_count + left_out);
constexpr double growth = 1.25;  // of the run, from one look at its batches to the next
constexpr double most_likeness = 0.3;
constexpr double most_rise = 1;   // in standard errors
constexpr double most_ahead = 9;  // of what was seen: how much longer may the rest be

using Values = std::vector<double>;

double mean_of(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double squares_of(std::span<const double> values, double mean) {
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return sum;
}

// The correlation of each batch with the next.
double likeness(const Values& values) {
  const double mean = mean_of(values);
  const double squares = squares_of(values, mean);
  if (squares <= 0) return 0;
  double products = 0;
  for (std::size_t i = 1; i < values.size(); ++i) {
    products += (values[i - 1] - mean) * (values[i] - mean);
  }
  return products / squares;
}

// How much greater the second half is than the first, in standard errors of this.
double rise(const Values& values) {
  const std::span<const double> all(values);
  const auto first = all.first(all.size() / 2), second = all.last(all.size() / 2);
  const double a = mean_of(first), b = mean_of(second);
  const double squares = squares_of(first, a) + squares_of(second, b);
  const auto half = static_cast<double>(first.size());
  const double error = std::sqrt(squares / (2 * half - 2) * 2 / half);
  if (error > 0) return (b - a) / error;
  return b > a ? HUGE_VAL : b < a ? -HUGE_VAL : 0;
}

}  // namespace

struct Certainty::Batches {
  Values in_fleet;
  std::vector<Values> judged, missed;  // of each class
  std::size_t rows = 0;                // of a batch
};

Certainty::Certainty(Input input) : input_(std::move(input)), next_(least_rows) {
  SIM_EXPECT(input_.confidence > 0 && input_.confidence < 1);
}

std::optional<bool> Certainty::look(Instant now, std::span<const Judged> judged, double in_fleet) {
  SIM_EXPECT(judged.size() == input_.classes.size());
  if (const auto known = counted(judged)) return known;
  if (!input_.steady || input_.end == Instant::never() || now < input_.begin) return {};
  rows_.push_back({{judged.begin(), judged.end()}, in_fleet});
  if (rows_.size() < next_ || now >= input_.end) return {};
  if (looks_ == 0) {
    const double left = (input_.end - input_.begin) / (now - input_.begin);
    looks_ = 1 + std::floor(portable_log(std::max(1.0, left)) / portable_log(growth));
  }
  next_ = static_cast<std::size_t>(std::ceil(static_cast<double>(next_) * growth));
  return foretold(now);
}

std::optional<bool> Certainty::counted(std::span<const Judged> judged) const {
  constexpr double rounding = 1e-9;
  bool all_met = true;
  for (std::size_t i = 0; i < judged.size(); ++i) {
    const Class& c = input_.classes[i];
    const auto missed = static_cast<double>(judged[i].all - judged[i].met);
    if (missed > (1 - c.wanted) * c.most * (1 + rounding)) return false;
    all_met = all_met && c.most_is_known &&
              static_cast<double>(judged[i].met) >= c.wanted * c.most * (1 + rounding);
  }
  return all_met && !judged.empty() ? std::optional(true) : std::nullopt;
}

Certainty::Batches Certainty::batches() const {
  Batches found;
  found.rows = rows_.size() / (batch_count + left_out);
  const std::size_t classes = input_.classes.size();
  found.judged.resize(classes);
  found.missed.resize(classes);
  for (std::size_t end = rows_.size() - 1 - (batch_count - 1) * found.rows; end < rows_.size();
       end += found.rows) {
    const Row& last = rows_[end];
    const Row& before = rows_[end - found.rows];
    double in_fleet = 0;
    for (std::size_t i = end - found.rows + 1; i <= end; ++i) in_fleet += rows_[i].in_fleet;
    found.in_fleet.push_back(in_fleet);
    for (std::size_t c = 0; c < classes; ++c) {
      const auto all = static_cast<double>(last.judged[c].all - before.judged[c].all);
      const auto met = static_cast<double>(last.judged[c].met - before.judged[c].met);
      found.judged[c].push_back(all);
      found.missed[c].push_back(all - met);
    }
  }
  return found;
}

std::optional<bool> Certainty::foretold(Instant now) const {
  const double ahead = (input_.end - now) / (now - input_.begin);
  const Batches found = batches();
  bool all_meet = ahead <= most_ahead && likeness(found.in_fleet) <= most_likeness &&
                  rise(found.in_fleet) <= most_rise;
  const double error =
      (1 - input_.confidence) / looks_ / static_cast<double>(input_.classes.size());
  const double t = student_t_quantile(1 - error, batch_count - 1);
  constexpr auto count = static_cast<double>(batch_count);
  const double batches_left =
      ahead * static_cast<double>(rows_.size()) / static_cast<double>(found.rows);
  for (std::size_t c = 0; c < input_.classes.size(); ++c) {
    const double judged = mean_of(found.judged[c]);
    const auto so_far = static_cast<double>(rows_.back().judged[c].all);
    if (judged <= 0 || so_far <= 0) return {};
    const double missed_so_far = so_far - static_cast<double>(rows_.back().judged[c].met);
    const double share = mean_of(found.missed[c]) / judged;
    Values off;  // misses beyond what the share makes of the batch
    for (std::size_t i = 0; i < batch_count; ++i) {
      off.push_back(found.missed[c][i] - share * found.judged[c][i]);
    }
    // What independent requests would show of a share that may well be greater (Agresti, Coull).
    const double careful = (share * judged * count + t * t / 2) / (judged * count + t * t);
    const double variance =
        std::max(squares_of(off, 0) / (count - 1), judged * careful * (1 - careful));
    const double width =
        t * std::sqrt(variance * (1 / count + 1 / std::max(1.0, batches_left))) / judged;
    const double rest = so_far * ahead;
    const auto in_all = [&](double of_rest) {
      return (missed_so_far + std::clamp(of_rest, 0.0, 1.0) * rest) / (so_far + rest);
    };
    const double allowed = 1 - input_.classes[c].wanted;
    if (likeness(off) > most_likeness) {
      all_meet = false;
      continue;
    }
    if (in_all(share - width) > allowed && rise(off) > -most_rise) return false;
    all_meet = all_meet && in_all(std::max(share, careful) + width) < allowed;
  }
  return all_meet ? std::optional(true) : std::nullopt;
}

}  // namespace tokenyard::sweep
