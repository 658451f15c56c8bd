// SPDX-License-Identifier: Apache-2.0
#include "traffic/arrival_pattern.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/contracts.hpp"

namespace tokenyard::traffic {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
constexpr double minute_s = 60, hour_s = 3600, day_s = 86400;
constexpr std::uint64_t fewest_gaps = 29;  // in a minute whose variation counts

// Adds the variation of a minute that is over, if it has enough gaps to have one.
void close_minute(const Spread& gaps, Spread& minutes) {
  if (gaps.count() < fewest_gaps || std::isnan(gaps.variation())) return;
  minutes.add(gaps.variation());
}

}  // namespace

void Spread::add(double value) {
  ++count_;
  const double from_mean = value - mean_;
  mean_ += from_mean / static_cast<double>(count_);
  squares_ += from_mean * (value - mean_);
}

double Spread::variation() const {
  if (count_ < 2 || mean_ == 0) return nothing;
  return std::sqrt(squares_ / static_cast<double>(count_ - 1)) / mean_;
}

void WindowCounts::add(double date_s) {
  const auto window = static_cast<std::uint64_t>(date_s / width_s_);
  if (window != current_) {
    const auto count = static_cast<double>(in_current_);
    sum_ += count;
    squares_ += count * count;
    most_ = std::max(most_, in_current_);
    current_ = window;
    in_current_ = 0;
  }
  ++in_current_;
}

double WindowCounts::dispersion() const {
  if (current_ < 2 || sum_ == 0) return nothing;
  const auto n = static_cast<double>(current_);
  const double mean = sum_ / n;
  return std::max((squares_ - sum_ * mean) / (n - 1), 0.0) / mean;
}

std::uint64_t WindowCounts::most() const { return std::max(most_, in_current_); }

void RateOverTime::add(double date_s) {
  while (date_s >= width_s_ * static_cast<double>(slices)) {
    for (std::size_t i = 0; i < slices; ++i) {
      counts_[i] = i < slices / 2 ? counts_[2 * i] + counts_[2 * i + 1] : 0;
    }
    width_s_ *= 2;
  }
  counts_[static_cast<std::size_t>(date_s / width_s_)] += 1;
}

std::vector<double> RateOverTime::rates(std::size_t columns, double span_s) const {
  std::vector<double> rates(columns, 0.0);
  const double column_s = span_s / static_cast<double>(columns);
  for (std::size_t i = 0; i < slices; ++i) {
    if (counts_[i] == 0) continue;
    // A slice is spread evenly over the columns it touches; the last one ends with the span.
    const double begin = static_cast<double>(i) * width_s_;
    const double end = std::max(std::min(begin + width_s_, span_s), begin);
    auto column = std::min(static_cast<std::size_t>(begin / column_s), columns - 1);
    for (double from = begin; column < columns; ++column) {
      const bool last = column + 1 == columns;
      const double to = last ? end : std::min(end, static_cast<double>(column + 1) * column_s);
      const double share = end > begin ? std::max(to - from, 0.0) / (end - begin) : 1;
      rates[column] += counts_[i] * share / column_s;
      if (to >= end) break;
      from = std::max(from, to);
    }
  }
  return rates;
}

void ArrivalPattern::add(double date_s) {
  SIM_EXPECT(count_ == 0 || date_s >= last_s_);
  if (count_ == 0) first_s_ = date_s;
  const double since_first = date_s - first_s_;
  if (count_ > 0) add_gap(date_s - last_s_, static_cast<std::uint64_t>(since_first / minute_s));
  ++count_;
  last_s_ = date_s;
  for (WindowCounts& window : windows_) window.add(since_first);
  over_time_.add(since_first);
  const auto hour = static_cast<std::uint64_t>(since_first / hour_s) % by_hour_.size();
  ++by_hour_[static_cast<std::size_t>(hour)];
}

void ArrivalPattern::add_gap(double gap_s, std::uint64_t minute) {
  gaps_.add(gap_s);
  if (minute == minute_) {
    minute_gaps_.add(gap_s);
    return;
  }
  close_minute(minute_gaps_, minutes_);
  minute_gaps_ = {};
  minute_ = minute;
}

std::vector<double> ArrivalPattern::rates_by_hour(double span_s) const {
  std::vector<double> rates;
  if (span_s < day_s) return rates;
  const double whole_days = std::floor(span_s / day_s);
  const double rest_s = span_s - whole_days * day_s;
  for (std::size_t hour = 0; hour < by_hour_.size(); ++hour) {
    const double of_rest = std::clamp(rest_s - static_cast<double>(hour) * hour_s, 0.0, hour_s);
    rates.push_back(static_cast<double>(by_hour_[hour]) / (whole_days * hour_s + of_rest));
  }
  return rates;
}

ArrivalStatistics ArrivalPattern::finish() const {
  ArrivalStatistics s;
  s.first_s = first_s_;
  s.span_s = last_s_ - first_s_;
  s.rate_per_s = s.span_s > 0 ? static_cast<double>(count_) / s.span_s : nothing;
  const WindowCounts& minutes = windows_.back();
  s.peak_rate_per_s =
      s.span_s >= minute_s ? static_cast<double>(minutes.most()) / minute_s : nothing;
  s.gap_variation = gaps_.variation();
  Spread by_minute = minutes_;
  close_minute(minute_gaps_, by_minute);
  s.minutes_counted = by_minute.count();
  s.minute_variation = by_minute.count() > 0 ? by_minute.mean() : nothing;
  for (const WindowCounts& window : windows_) {
    s.dispersion.push_back({window.width_s(), window.dispersion()});
  }
  if (s.span_s > 0) s.rates = over_time_.rates(columns, s.span_s);
  s.rates_by_hour = rates_by_hour(s.span_s);
  return s;
}

}  // namespace tokenyard::traffic
