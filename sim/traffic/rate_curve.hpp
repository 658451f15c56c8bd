// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/quantity.hpp"

namespace tokenyard::traffic {

// A rate over time, in 1/s: the product of its factors, each a function of time with finitely many
// breakpoints in a period. Between two breakpoints of any factor it runs linearly.
struct RateCurve {
  static constexpr double forever = std::numeric_limits<double>::infinity();

  struct Point {
    double at;     // s
    double value;  // from here on; with `linear`, on the way to the next point's
  };
  enum class Between : std::uint8_t { constant, linear };

  // The first point is at 0; the last value holds to the end of the period.
  struct Factor {
    std::vector<Point> points;
    Between between = Between::constant;
    double period = forever;
    double ahead = 0;  // the factor at time t is that of its own clock at t + ahead
  };

  std::vector<Factor> factors;
  double until = forever;  // zero from here on

  // A factor that is the same at all times.
  static Factor constant(double value) { return {{{0, value}}}; }

  // The integral over [from, to], both finite.
  double amount(double from, double to) const;
  // Where it ends: `until`, or where a zero begins that lasts.
  double end() const;
};

// Walks along a curve. Spending unit-rate gaps along it makes a process of that rate, exactly.
class RateWalk {
 public:
  // The curve must outlive the walk.
  explicit RateWalk(const RateCurve& curve);

  // Goes on until `amount` is spent or `stop` reached, whichever is first, and returns that date;
  // what is left stays in `amount`. Never, with something left, if the curve ends before.
  Instant spend(double& amount, Instant stop = Instant::never());

  // Goes on to `stop` (finite), and returns what was there to spend.
  double pass(Instant stop);

  // Multiplies the rate from here on.
  void modulate(double times) { times_ = times; }

  // The point of the first factor that was passed last.
  std::size_t point() const { return places_.front().point; }

 private:
  struct Place {
    double cycle = 0;  // how often the period has gone round
    std::size_t point = 0;
  };

  double end_of(std::size_t factor) const;
  double value_of(std::size_t factor, double date) const;
  double rate_at(double date) const;  // before it, if a breakpoint
  double wait_for(double amount) const;
  double area_until(double end) const;
  void start(std::size_t factor);
  void enter();
  void leave();

  const RateCurve* curve_;
  std::vector<Place> places_;
  // The segment between breakpoints that the walk is in, and the rates at its ends.
  double begin_ = 0;
  double end_ = 0;
  double first_ = 0;
  double slope_ = 0;
  double date_ = 0;
  double times_ = 1;
};

}  // namespace tokenyard::traffic
