// SPDX-License-Identifier: Apache-2.0
#include "traffic/rate_curve.hpp"

#include <algorithm>
#include <cmath>

#include "core/compensated_sum.hpp"
#include "core/contracts.hpp"

namespace tokenyard::traffic {
namespace {

// So many breakpoints in a row without any rate are taken for the end.
constexpr int most_silent = 1'000'000;

}  // namespace

double RateCurve::end() const {
  double end = until;
  for (const Factor& f : factors) {
    if (f.period == forever && f.points.back().value == 0) end = std::min(end, f.points.back().at);
  }
  return end;
}

double RateCurve::amount(double from, double to) const {
  RateWalk walk(*this);
  if (from > 0) walk.pass(Instant(from));
  return walk.pass(Instant(to));
}

RateWalk::RateWalk(const RateCurve& curve) : curve_(&curve), places_(curve.factors.size()) {
  SIM_EXPECT(!curve.factors.empty());
  for (std::size_t i = 0; i < places_.size(); ++i) start(i);
  enter();
}

void RateWalk::start(std::size_t factor) {
  const RateCurve::Factor& f = curve_->factors[factor];
  SIM_EXPECT(!f.points.empty() && f.points.front().at == 0);
  SIM_EXPECT(f.points.back().at < f.period);
  double clock = f.ahead;
  if (f.period < RateCurve::forever) {
    places_[factor].cycle = std::floor(clock / f.period);
    clock -= places_[factor].cycle * f.period;
  }
  const auto after =
      std::upper_bound(f.points.begin() + 1, f.points.end(), clock,
                       [](double date, const RateCurve::Point& point) { return date < point.at; });
  places_[factor].point = static_cast<std::size_t>(after - f.points.begin()) - 1;
}

double RateWalk::end_of(std::size_t factor) const {
  const RateCurve::Factor& f = curve_->factors[factor];
  const Place& place = places_[factor];
  const bool last = place.point + 1 == f.points.size();
  const double end = last ? f.period : f.points[place.point + 1].at;
  return (place.cycle == 0 ? end : place.cycle * f.period + end) - f.ahead;
}

double RateWalk::value_of(std::size_t factor, double date) const {
  const RateCurve::Factor& f = curve_->factors[factor];
  const Place& place = places_[factor];
  const RateCurve::Point& point = f.points[place.point];
  if (f.between == RateCurve::Between::constant || place.point + 1 == f.points.size()) {
    return point.value;
  }
  const RateCurve::Point& next = f.points[place.point + 1];
  const double end = end_of(factor);
  const double share = 1 - (end - date) / (next.at - point.at);
  return point.value + std::clamp(share, 0.0, 1.0) * (next.value - point.value);
}

double RateWalk::rate_at(double date) const {
  double rate = 1;
  for (std::size_t i = 0; i < places_.size(); ++i) rate *= value_of(i, date);
  return rate;
}

// Enters the segment that begins at the date of the walk.
void RateWalk::enter() {
  begin_ = date_;
  end_ = curve_->until;
  for (std::size_t i = 0; i < places_.size(); ++i) end_ = std::min(end_, end_of(i));
  first_ = rate_at(begin_);
  slope_ = 0;
  if (end_ < RateCurve::forever && end_ > begin_) {
    slope_ = (rate_at(end_) - first_) / (end_ - begin_);
  }
}

void RateWalk::leave() {
  date_ = std::max(date_, end_);
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (end_of(i) > end_) continue;
    if (++places_[i].point == curve_->factors[i].points.size()) {
      places_[i].point = 0;
      ++places_[i].cycle;
    }
  }
  enter();
}

// How long it takes to spend the amount in this segment; more than there is of it, if it cannot be.
double RateWalk::wait_for(double amount) const {
  if (amount == 0) return 0;
  const double rate = times_ * (first_ + slope_ * (date_ - begin_));
  const double slope = times_ * slope_;
  if (slope == 0) return amount / rate;
  // A falling rate may not have as much; the other root would come after it fell below zero.
  const double square = rate * rate + 2 * slope * amount;
  return square < 0 ? RateCurve::forever : 2 * amount / (std::max(rate, 0.0) + std::sqrt(square));
}

double RateWalk::area_until(double end) const {
  const double length = std::max(0.0, end - date_);
  const double middle = first_ + slope_ * (date_ + 0.5 * length - begin_);
  return std::max(0.0, times_ * middle * length);
}

Instant RateWalk::spend(double& amount, Instant stop) {
  for (int silent = 0; silent < most_silent; ++silent) {
    if (date_ >= curve_->until) break;
    const double end = std::min(end_, stop.value());
    const double wait = wait_for(amount);
    if (wait < RateCurve::forever && date_ + wait <= end) {
      date_ += wait;
      amount = 0;
      return Instant(date_);
    }
    if (end == RateCurve::forever) break;
    const double spent = area_until(end);
    amount = std::max(0.0, amount - spent);
    if (spent > 0) silent = 0;
    date_ = std::max(date_, end);
    if (end == end_) leave();
    if (date_ >= stop.value()) return Instant(date_);
  }
  return Instant::never();
}

double RateWalk::pass(Instant stop) {
  SIM_EXPECT(stop < Instant::never());
  CompensatedSum sum;
  while (date_ < stop.value() && date_ < curve_->until) {
    const double end = std::min(end_, stop.value());
    sum.add(area_until(end));
    date_ = std::max(date_, end);
    if (end == end_) leave();
  }
  return sum.value();
}

}  // namespace tokenyard::traffic
