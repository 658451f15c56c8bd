// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/tenant.hpp"

namespace tokenyard::traffic {

enum class GrowthCase : std::uint8_t { low, mid, high };
inline constexpr std::array<std::string_view, 3> growth_cases = {"low", "mid", "high"};

// How a product that was launched is taken up: from nothing to all of its traffic.
enum class AdoptionCurve : std::uint8_t { step, linear, logistic };
inline constexpr std::array<std::string_view, 3> adoption_curves = {"step", "linear", "logistic"};

// What becomes of a tenant's traffic in the years of a forecast.
struct TenantForecast {
  std::string name;
  // Of each quarter, for each case: 0.1 is 10 % more at its end than at its start.
  std::array<std::vector<double>, 3> growth;
  std::int64_t launch = 0;  // days after the beginning; before, there is no traffic
  AdoptionCurve adoption = AdoptionCurve::step;
  double adopted_after = 0;  // days from launch to all of it
};

// A workload over years: what its tenants send on each day.
struct Forecast {
  std::string workload_file;
  std::chrono::sys_days begins;
  std::int64_t quarters = 0;
  GrowthCase growth_case = GrowthCase::mid;
  std::size_t representative_days = 12;
  std::size_t check_days = 2;
  std::vector<Tenant> tenants;          // on the first day, as the workload describes them
  std::vector<TenantForecast> futures;  // of each tenant

  std::int64_t days() const;
  std::chrono::year_month_day date(std::int64_t day) const;
  // Traffic of a tenant on a day against what the workload says.
  double scale(std::size_t tenant, std::int64_t day) const;
  // Expected requests of each tenant on a day (UTC).
  std::vector<double> demand(std::int64_t day) const;
  // The tenants as they are on a day, whose arrivals end with it.
  std::vector<Tenant> tenants_on(std::int64_t day) const;
};

// Some days that stand for all.
struct DaySample {
  struct Day {
    std::int64_t day;
    double weight;  // days that it stands for
  };
  std::vector<Day> days;            // in order; the busiest of all is one, for itself
  std::vector<std::size_t> stands;  // for each day of the forecast: which of `days` does

  // How far the sample is from all days, as shares: in the sum of requests, in that of the tenant
  // where it is furthest, and in the distribution of daily requests (the load-duration curve).
  double requests_error = 0;
  double worst_tenant_error = 0;
  double load_curve_error = 0;
};

// Groups the days by what their tenants send (k-means), and takes from each group the day nearest
// to its mean. Deterministic.
DaySample sample_days(const Forecast& forecast);

// Days that do not stand for themselves, the furthest from the one that does: to see by simulation
// what the sample loses.
std::vector<std::int64_t> days_to_check(const Forecast& forecast, const DaySample& sample);

// Whether a workload file is a forecast.
bool is_forecast(const config::Document& document);

// Reads a forecast and the workload it grows. Mistakes are noted in the reading.
Forecast read_forecast(const config::Document& document, const std::string& home,
                       config::Reading& reading);

// "2027-01-01"; nothing if it is no date.
std::optional<std::chrono::sys_days> parse_date(const std::string& text);
std::string date_text(std::chrono::year_month_day date);

}  // namespace tokenyard::traffic
