// SPDX-License-Identifier: Apache-2.0
#include "traffic/forecast.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/contracts.hpp"
#include "core/portable_math.hpp"

namespace tokenyard::traffic {
namespace {

constexpr double day_s = 86400;
constexpr double days_in_quarter = 365.25 / 4;

double adopted(const TenantForecast& future, std::int64_t day) {
  if (day < future.launch) return 0;
  if (future.adopted_after <= 0 || future.adoption == AdoptionCurve::step) return 1;
  const double share =
      std::min(1.0, static_cast<double>(day - future.launch) / future.adopted_after);
  if (future.adoption == AdoptionCurve::linear) return share;
  // The middle part of a logistic curve, from 2 % to 98 %, stretched to all of it.
  constexpr double half = 4;
  const auto logistic = [](double x) { return 1 / (1 + portable_exp(-x)); };
  const double least = logistic(-half);
  return (logistic(half * (2 * share - 1)) - least) / (1 - 2 * least);
}

}  // namespace

std::int64_t Forecast::days() const {
  return std::llround(static_cast<double>(quarters) * days_in_quarter);
}

std::chrono::year_month_day Forecast::date(std::int64_t day) const {
  return {begins + std::chrono::days(day)};
}

double Forecast::scale(std::size_t tenant, std::int64_t day) const {
  const TenantForecast& future = futures[tenant];
  const std::vector<double>& growth = future.growth[static_cast<std::size_t>(growth_case)];
  // Growth goes on within a quarter.
  double logarithm = 0;
  double left = static_cast<double>(day) / days_in_quarter;
  for (const double rate : growth) {
    logarithm += std::min(left, 1.0) * portable_log(1 + rate);
    left -= 1;
    if (left <= 0) break;
  }
  return adopted(future, day) * portable_exp(std::clamp(logarithm, -700.0, 700.0));
}

std::vector<Tenant> Forecast::tenants_on(std::int64_t day) const {
  const std::chrono::weekday weekday(begins + std::chrono::days(day));
  const double monday_s = static_cast<double>(weekday.iso_encoding() - 1) * day_s;
  std::vector<Tenant> on;
  for (std::size_t i = 0; i < tenants.size(); ++i) {
    const double times = scale(i, day);
    on.push_back(tenants[i]);
    on.back().scale *= times;
    for (Client& client : on.back().workload->clients) {
      auto* dates = std::get_if<DatesPlan>(&client.arrivals);
      if (dates == nullptr) continue;
      dates->curve.until = std::min(dates->curve.until, day_s);
      for (RateCurve::Factor& factor : dates->curve.factors) {
        if (factor.period < RateCurve::forever) factor.ahead = monday_s;
      }
    }
  }
  return on;
}

std::vector<double> Forecast::demand(std::int64_t day) const {
  std::vector<double> requests;
  for (const Tenant& tenant : tenants_on(day)) {
    requests.push_back(tenant.scale > 0 ? tenant.expected_requests(Duration(day_s)) : 0);
  }
  return requests;
}

std::optional<std::chrono::sys_days> parse_date(const std::string& text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto number = [&text](std::size_t at, std::size_t length) {
    int value = -1;
    const char* end = text.data() + at + length;
    return std::from_chars(text.data() + at, end, value).ptr == end ? value : -1;
  };
  const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
  if (year < 1970 || month < 1 || day < 1) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

std::string date_text(std::chrono::year_month_day date) {
  const auto padded = [](unsigned value) {
    return (value < 10 ? "0" : "") + std::to_string(value);
  };
  return std::to_string(static_cast<int>(date.year())) + '-' +
         padded(static_cast<unsigned>(date.month())) + '-' +
         padded(static_cast<unsigned>(date.day()));
}

}  // namespace tokenyard::traffic
