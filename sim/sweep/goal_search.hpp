// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace tokenyard::sweep {

// Which end of the values that meet a goal is wanted.
enum class GoalSense : std::uint8_t { largest, fewest };

// Where to look for it, and how exactly.
struct GoalRange {
  GoalSense sense = GoalSense::largest;
  double from = 1, to = 2;  // both included
  bool whole = false;       // whole numbers only
  // The result is at most so much of its value away from one that fails; whole numbers: or 1.
  double tolerance = 0.02;
};

inline constexpr double least_tolerance = 1e-4;

enum class GoalStatus : std::uint8_t {
  found,  // the result meets it, and a value within the tolerance beyond does not
  none,   // not even the value that asks least of the fleet meets it
  all     // even the one that asks most does
};

// The search for the largest value that meets a condition, where all below it do, or the least
// where all above it do. It asks for values and is told of each whether it does; the values follow
// from the verdicts alone. It looks only between values that met it and others that did not, so
// that it cannot see if the condition is met beyond them.
class GoalSearch final {
 public:
  explicit GoalSearch(const GoalRange& range);

  // The value to look at now; nothing when the search has ended.
  std::optional<double> next() const { return next_; }
  void tell(bool meets);
  // The result does not meet it, as a closer look has shown: the search goes on.
  void retract();

  // When it has ended.
  GoalStatus status() const;
  double result() const;  // NaN: there is none
  // The result and the nearest value that did not meet it, in order; NaN: there is none.
  double low() const { return range_.sense == GoalSense::largest ? met() : failed(); }
  double high() const { return range_.sense == GoalSense::largest ? failed() : met(); }
  std::int64_t told() const { return told_; }

 private:
  double easy() const;  // the end of the range that asks least of the fleet
  double hard() const;
  double met() const;
  double failed() const;
  bool is_near(double met, double failed) const;
  std::optional<double> between(double a, double b) const;
  std::optional<double> choose() const;

  GoalRange range_;
  std::vector<double> met_;  // the last is the result so far
  std::optional<double> failed_;
  std::optional<double> next_;
  std::int64_t told_ = 0;
};

// How many values a search takes, on average over where in the range its result may be.
double expected_values(const GoalRange& range);

}  // namespace tokenyard::sweep
