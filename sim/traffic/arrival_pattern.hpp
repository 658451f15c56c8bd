// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace tokenyard::traffic {

// Mean and variance of numbers as they come (Welford).
class Spread final {
 public:
  void add(double value);
  std::uint64_t count() const { return count_; }
  double mean() const { return mean_; }
  // Standard deviation by mean, of the sample; NaN below two values or where the mean is 0.
  double variation() const;

 private:
  std::uint64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;
};

// The arrivals in windows of one width that follow each other from 0.
class WindowCounts final {
 public:
  explicit WindowCounts(double width_s) : width_s_(width_s) {}

  void add(double date_s);  // not before the last
  double width_s() const { return width_s_; }
  // Variance by mean of the counts in the windows before the last arrival's, which may be cut
  // off; NaN if there are fewer than two.
  double dispersion() const;
  std::uint64_t windows() const { return current_; }  // before the last arrival's
  std::uint64_t most() const;                         // in any window

 private:
  double width_s_;
  std::uint64_t current_ = 0;
  std::uint64_t in_current_ = 0;
  std::uint64_t most_ = 0;
  double sum_ = 0;
  double squares_ = 0;
};

// The rate over a span that is not known before its end: counts in equal slices, which double
// their width when the span outgrows them.
class RateOverTime final {
 public:
  RateOverTime() : counts_(slices) {}

  void add(double date_s);
  // The mean rate in each of `columns` equal parts of [0, span].
  std::vector<double> rates(std::size_t columns, double span_s) const;

 private:
  static constexpr std::size_t slices = 4096;

  std::vector<double> counts_;
  double width_s_ = 0x1p-10;
};

struct ArrivalStatistics {
  double first_s = 0;  // on the trace's own clock
  double span_s = 0;   // from the first to the last
  double rate_per_s = 0;
  double peak_rate_per_s = 0;   // in the busiest minute; NaN below one minute
  double gap_variation = 0;     // of all gaps
  double minute_variation = 0;  // mean over the minutes with 30 arrivals or more
  std::uint64_t minutes_counted = 0;
  struct Dispersion {
    double window_s;
    double value;
  };
  std::vector<Dispersion> dispersion;
  std::vector<double> rates;          // in equal parts of the span; empty if it is 0
  std::vector<double> rates_by_hour;  // after the first arrival, modulo a day; empty below a day
};

// When requests arrive: rate, burstiness, shape. Constant memory.
class ArrivalPattern final {
 public:
  static constexpr std::size_t columns = 60;

  void add(double date_s);  // not before the last
  ArrivalStatistics finish() const;

 private:
  void add_gap(double gap_s, std::uint64_t minute);
  std::vector<double> rates_by_hour(double span_s) const;

  std::uint64_t count_ = 0;
  double first_s_ = 0;
  double last_s_ = 0;
  Spread gaps_;
  Spread minute_gaps_;  // of the current minute
  std::uint64_t minute_ = 0;
  Spread minutes_;  // the variations of the minutes before
  std::array<WindowCounts, 3> windows_{WindowCounts(1), WindowCounts(10), WindowCounts(60)};
  RateOverTime over_time_;
  std::array<std::uint64_t, 24> by_hour_{};
};

}  // namespace tokenyard::traffic
