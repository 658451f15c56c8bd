// SPDX-License-Identifier: Apache-2.0
#include "fleet/energy.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/compensated_sum.hpp"
#include "core/contracts.hpp"

namespace tokenyard::fleet {
namespace {

constexpr double seconds_an_hour = 3600;
constexpr double joules_a_kilowatt_hour = 3.6e6;
constexpr double grams_a_kilogram = 1e3;

// Time-weighted mean of the hours' values between two dates of their clock.
double mean_between(double from, double to, std::span<const double> hourly) {
  const auto hour_of = [](double date) {
    return static_cast<std::uint64_t>(std::floor(date / seconds_an_hour));
  };
  double sum = 0;
  for (std::uint64_t hour = hour_of(from); hour <= hour_of(to); ++hour) {
    const double begins = std::max(from, static_cast<double>(hour) * seconds_an_hour);
    const double ends = std::min(to, static_cast<double>(hour + 1) * seconds_an_hour);
    sum += hourly[hour % hourly.size()] * std::max(0.0, ends - begins);
  }
  return sum / (to - from);
}

}  // namespace

double carbon_kg(const PowerDraw& draw, std::span<const BusyUpTo> looks,
                 std::span<const double> g_per_kwh, Duration start) {
  SIM_EXPECT(!g_per_kwh.empty());
  CompensatedSum grams;
  BusyUpTo before;
  for (const BusyUpTo& look : looks) {
    const double time = look.time_s - before.time_s;
    if (time > 0) {
      const Duration on = Duration(time) - (look.off - before.off);
      const double kilowatt_hours =
          draw.energy(on, look.busy - before.busy, look.reading - before.reading).value() /
          joules_a_kilowatt_hour;
      grams.add(kilowatt_hours * mean_between(start.value() + before.time_s,
                                              start.value() + look.time_s, g_per_kwh));
    }
    before = look;
  }
  return grams.value() / grams_a_kilogram;
}

}  // namespace tokenyard::fleet
