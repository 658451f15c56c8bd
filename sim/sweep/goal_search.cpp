// SPDX-License-Identifier: Apache-2.0
#include "sweep/goal_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "core/contracts.hpp"
#include "core/portable_math.hpp"

namespace tokenyard::sweep {
namespace {

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();
constexpr double wide = 4;  // from this ratio of its ends on a bracket is halved by ratio

// Texts of few digits, far below any tolerance.
double rounded(double value) { return std::strtod(fmt::format("{:.6g}", value).c_str(), nullptr); }

}  // namespace

GoalSearch::GoalSearch(const GoalRange& range) : range_(range) {
  SIM_EXPECT(range.from < range.to);
  SIM_EXPECT(range.tolerance >= (range.whole ? 0 : least_tolerance));
  next_ = choose();
}

double GoalSearch::easy() const {
  return range_.sense == GoalSense::largest ? range_.from : range_.to;
}
double GoalSearch::hard() const {
  return range_.sense == GoalSense::largest ? range_.to : range_.from;
}

double GoalSearch::met() const { return met_.empty() ? no_number : met_.back(); }
double GoalSearch::failed() const { return failed_.value_or(no_number); }
double GoalSearch::result() const { return met(); }

GoalStatus GoalSearch::status() const {
  SIM_EXPECT(!next_);
  if (met_.empty()) return GoalStatus::none;
  return failed_ ? GoalStatus::found : GoalStatus::all;
}

bool GoalSearch::is_near(double met, double failed) const {
  const double gap = std::abs(met - failed);
  return gap <= range_.tolerance * std::abs(met) || (range_.whole && gap <= 1);
}

// Nothing if there is no value strictly between.
std::optional<double> GoalSearch::between(double a, double b) const {
  const double low = std::min(a, b), high = std::max(a, b);
  const bool by_ratio = low > 0 && high > wide * low;
  const double middle = by_ratio ? std::sqrt(low * high) : low + (high - low) / 2;
  const double value = range_.whole ? std::floor(middle) : rounded(middle);
  if (value > low && value < high) return value;
  return {};
}

std::optional<double> GoalSearch::choose() const {
  if (met_.empty() && failed_) {
    // Where the first value fails, often all do: that is looked at next.
    return *failed_ == easy() ? std::nullopt : std::optional(easy());
  }
  const double near = met_.empty() ? easy() : met_.back();
  const double far = failed_.value_or(hard());
  const bool may_end = is_near(near, far);
  if (const auto middle = between(near, far); middle && !may_end) return middle;
  if (met_.empty()) return easy();
  // That all values meet it is the rarest case, and the last that is looked at.
  return failed_ || near == far ? std::nullopt : std::optional(far);
}

void GoalSearch::tell(bool meets) {
  SIM_EXPECT(next_.has_value());
  if (meets) {
    met_.push_back(*next_);
  } else {
    failed_ = next_;
  }
  ++told_;
  next_ = choose();
}

void GoalSearch::retract() {
  SIM_EXPECT(!next_ && !met_.empty());
  failed_ = met_.back();
  met_.pop_back();
  next_ = choose();
}

double expected_values(const GoalRange& range) {
  constexpr int places = 32;
  const bool by_ratio = range.from > 0 && range.to > wide * range.from;
  std::int64_t told = 0;
  for (int i = 0; i < places; ++i) {
    const double share = (i + 0.5) / places;
    const double result =
        by_ratio ? range.from * portable_exp(share * portable_log(range.to / range.from))
                 : range.from + (range.to - range.from) * share;
    GoalSearch search(range);
    while (const auto value = search.next()) {
      search.tell(range.sense == GoalSense::largest ? *value <= result : *value >= result);
    }
    told += search.told();
  }
  return static_cast<double>(told) / places;
}

}  // namespace tokenyard::sweep
