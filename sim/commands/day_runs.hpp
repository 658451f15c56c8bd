// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "commands/forecast.hpp"

namespace tokenyard::commands {

// What is kept of the simulation of one day.
struct DayResult {
  double requests = 0;
  double ttft_p50_s = 0;
  double ttft_p99_s = 0;
  double end_to_end_p50_s = 0;
  double end_to_end_p99_s = 0;
  double attainment = 0;  // share of the requests within the limits of their class
  double output_tokens = 0;
  double cost_usd = 0;
  double revenue_usd = 0;  // NaN without prices
  double energy_j = 0;

  struct Column {
    std::string_view name, unit, long_name;
    double DayResult::*value;
  };
  static const std::array<Column, 10> columns;

  std::string row() const;  // of the table of days
};

// Simulates the scenario of `options` on each of these dates, several at a time, each in a process
// of its own. Throws what went wrong in one of them.
std::vector<DayResult> run_days(const ForecastOptions& options,
                                const std::vector<std::string>& dates);

}  // namespace tokenyard::commands
