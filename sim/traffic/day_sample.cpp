// SPDX-License-Identifier: Apache-2.0
// Some days of a forecast that stand for all of them.
#include <algorithm>
#include <cmath>
#include <limits>

#include "traffic/forecast.hpp"

namespace tokenyard::traffic {
namespace {

using Point = std::vector<double>;

double distance(const Point& a, const Point& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

std::size_t nearest(const Point& point, const std::vector<Point>& centres) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < centres.size(); ++i) {
    if (distance(point, centres[i]) < distance(point, centres[best])) best = i;
  }
  return best;
}

double total(const Point& point) {
  double sum = 0;
  for (const double value : point) sum += value;
  return sum;
}

// Each new centre is the day furthest from those there are, the first one the quietest.
std::vector<Point> first_centres(const std::vector<Point>& days, std::size_t count) {
  const auto quietest = std::min_element(
      days.begin(), days.end(), [](const Point& a, const Point& b) { return total(a) < total(b); });
  std::vector<Point> centres = {*quietest};
  while (centres.size() < count) {
    const Point* furthest = &days.front();
    double most = -1;
    for (const Point& day : days) {
      const double away = distance(day, centres[nearest(day, centres)]);
      if (away > most) {
        most = away;
        furthest = &day;
      }
    }
    if (most <= 0) break;  // no more days that differ
    centres.push_back(*furthest);
  }
  return centres;
}

// Lloyd's iterations: to which centre each day belongs.
std::vector<std::size_t> group(const std::vector<Point>& days, std::vector<Point>& centres) {
  constexpr int most_rounds = 100;
  std::vector<std::size_t> groups(days.size(), 0);
  for (int round = 0; round < most_rounds; ++round) {
    bool moved = round == 0;
    for (std::size_t i = 0; i < days.size(); ++i) {
      const std::size_t now = nearest(days[i], centres);
      moved = moved || now != groups[i];
      groups[i] = now;
    }
    if (!moved) break;
    std::vector<Point> sums(centres.size(), Point(days.front().size(), 0.0));
    std::vector<double> counts(centres.size(), 0.0);
    for (std::size_t i = 0; i < days.size(); ++i) {
      for (std::size_t k = 0; k < days[i].size(); ++k) sums[groups[i]][k] += days[i][k];
      ++counts[groups[i]];
    }
    for (std::size_t c = 0; c < centres.size(); ++c) {
      if (counts[c] == 0) continue;
      for (std::size_t k = 0; k < sums[c].size(); ++k) centres[c][k] = sums[c][k] / counts[c];
    }
  }
  return groups;
}

// The greatest difference of the distribution functions of daily requests.
double load_curve_error(const std::vector<double>& loads, const DaySample& sample) {
  std::vector<double> dates = loads;
  std::sort(dates.begin(), dates.end());
  const auto n = static_cast<double>(loads.size());
  double worst = 0;
  for (std::size_t i = 0; i < dates.size(); ++i) {
    double below = 0;
    for (const DaySample::Day& day : sample.days) {
      if (loads[static_cast<std::size_t>(day.day)] <= dates[i]) below += day.weight;
    }
    worst = std::max(worst, std::abs(static_cast<double>(i + 1) - below) / n);
  }
  return worst;
}

void measure(const std::vector<Point>& demand, DaySample& sample) {
  const std::size_t tenants = demand.front().size();
  std::vector<double> all(tenants, 0.0), sampled(tenants, 0.0), loads;
  for (const Point& day : demand) {
    for (std::size_t t = 0; t < tenants; ++t) all[t] += day[t];
    loads.push_back(total(day));
  }
  for (const DaySample::Day& day : sample.days) {
    const Point& point = demand[static_cast<std::size_t>(day.day)];
    for (std::size_t t = 0; t < tenants; ++t) sampled[t] += day.weight * point[t];
  }
  sample.requests_error = total(sampled) / total(all) - 1;
  for (std::size_t t = 0; t < tenants; ++t) {
    if (all[t] <= 0) continue;
    const double error = sampled[t] / all[t] - 1;
    if (std::abs(error) > std::abs(sample.worst_tenant_error)) sample.worst_tenant_error = error;
  }
  sample.load_curve_error = load_curve_error(loads, sample);
}

std::vector<Point> demands(const Forecast& forecast) {
  std::vector<Point> demand;
  for (std::int64_t day = 0; day < forecast.days(); ++day) demand.push_back(forecast.demand(day));
  return demand;
}

}  // namespace

DaySample sample_days(const Forecast& forecast) {
  const std::vector<Point> demand = demands(forecast);
  const auto busiest = static_cast<std::size_t>(
      std::max_element(demand.begin(), demand.end(),
                       [](const Point& a, const Point& b) { return total(a) < total(b); }) -
      demand.begin());
  DaySample sample;
  sample.stands.assign(demand.size(), 0);
  std::vector<Point> others;
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < demand.size(); ++i) {
    if (i == busiest) continue;
    others.push_back(demand[i]);
    numbers.push_back(i);
  }
  std::vector<std::pair<DaySample::Day, std::vector<std::size_t>>> groups;
  groups.push_back({{static_cast<std::int64_t>(busiest), 1}, {busiest}});
  if (!others.empty()) {
    std::vector<Point> centres =
        first_centres(others, std::max<std::size_t>(1, forecast.representative_days - 1));
    const std::vector<std::size_t> group_of = group(others, centres);
    for (std::size_t c = 0; c < centres.size(); ++c) {
      std::vector<std::size_t> members;
      std::size_t best = others.size();
      for (std::size_t i = 0; i < others.size(); ++i) {
        if (group_of[i] != c) continue;
        members.push_back(numbers[i]);
        const bool nearer = best == others.size() ||
                            distance(others[i], centres[c]) < distance(others[best], centres[c]);
        if (nearer) best = i;
      }
      if (members.empty()) continue;
      groups.push_back(
          {{static_cast<std::int64_t>(numbers[best]), static_cast<double>(members.size())},
           std::move(members)});
    }
  }
  std::sort(groups.begin(), groups.end(),
            [](const auto& a, const auto& b) { return a.first.day < b.first.day; });
  for (const auto& [day, members] : groups) {
    for (const std::size_t member : members) sample.stands[member] = sample.days.size();
    sample.days.push_back(day);
  }
  measure(demand, sample);
  return sample;
}

std::vector<std::int64_t> days_to_check(const Forecast& forecast, const DaySample& sample) {
  const std::vector<Point> demand = demands(forecast);
  std::vector<std::pair<double, std::int64_t>> away;
  for (std::size_t i = 0; i < demand.size(); ++i) {
    const std::int64_t stands = sample.days[sample.stands[i]].day;
    const Point& other = demand[static_cast<std::size_t>(stands)];
    const double scale = std::max(total(other), 1.0);
    if (stands != static_cast<std::int64_t>(i)) {
      away.emplace_back(-distance(demand[i], other) / (scale * scale),
                        static_cast<std::int64_t>(i));
    }
  }
  std::sort(away.begin(), away.end());
  std::vector<std::int64_t> days;
  std::vector<bool> taken(sample.days.size(), false);
  for (const auto& [_, day] : away) {
    const std::size_t group = sample.stands[static_cast<std::size_t>(day)];
    if (days.size() == forecast.check_days) break;
    if (taken[group]) continue;  // one of each group at most
    taken[group] = true;
    days.push_back(day);
  }
  return days;
}

}  // namespace tokenyard::traffic
