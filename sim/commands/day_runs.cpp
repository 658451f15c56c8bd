// SPDX-License-Identifier: Apache-2.0
#include "commands/day_runs.hpp"

#include <fmt/format.h>

#include <cstring>
#include <type_traits>

#include "commands/forked.hpp"
#include "commands/run.hpp"
#include "commands/terminal.hpp"
#include "config/errors.hpp"
#include "core/contracts.hpp"
#include "results/target.hpp"

namespace tokenyard::commands {

const std::array<DayResult::Column, 10> DayResult::columns = {{
    {"requests", "", "requests arrived", &DayResult::requests},
    {"ttft_p50_s", "s", "time to first token, median, within 1 %", &DayResult::ttft_p50_s},
    {"ttft_p99_s", "s", "time to first token, 99th percentile, within 1 %", &DayResult::ttft_p99_s},
    {"end_to_end_p50_s", "s", "end to end, median, within 1 %", &DayResult::end_to_end_p50_s},
    {"end_to_end_p99_s", "s", "end to end, 99th percentile, within 1 %",
     &DayResult::end_to_end_p99_s},
    {"attainment", "1", "share of requests within their limits", &DayResult::attainment},
    {"output_tokens", "", "tokens written", &DayResult::output_tokens},
    {"cost_usd", "USD", "cost", &DayResult::cost_usd},
    {"revenue_usd", "USD", "price of served tokens", &DayResult::revenue_usd},
    {"energy_j", "J", "energy of the sites", &DayResult::energy_j},
}};

std::string DayResult::row() const {
  return fmt::format("{:>9.4g} s{:>9.4g} s{:>8.2f} %{:>14.6g}", ttft_p99_s, end_to_end_p99_s,
                     100 * attainment, cost_usd);
}

namespace {

DayResult simulate_day(const ForecastOptions& options, const std::string& date) {
  RunOptions run;
  run.scenario = options.file;
  run.sets = options.sets;
  run.sets.push_back("workload.day=" + date);
  if (!options.growth_case.empty()) run.sets.push_back("workload.case=" + options.growth_case);
  run.quiet = true;
  const fleet::Summary summary = simulate(run).summary;
  DayResult day;
  day.requests = static_cast<double>(summary.totals.arrived);
  day.ttft_p50_s = summary.latency[0].p50;
  day.ttft_p99_s = summary.latency[0].p99;
  day.end_to_end_p50_s = summary.latency[2].p50;
  day.end_to_end_p99_s = summary.latency[2].p99;
  double arrived = 0, attained = 0;
  for (const fleet::ClassSummary& c : summary.classes) {
    arrived += static_cast<double>(c.arrived);
    attained += static_cast<double>(c.attained);
  }
  day.attainment = arrived > 0 ? attained / arrived : 1;
  for (const fleet::TenantSummary& t : summary.tenants) day.output_tokens += t.output_tokens;
  day.cost_usd = summary.accounts.total.cost_usd();
  day.revenue_usd = summary.accounts.total.revenue_usd;
  day.energy_j = summary.accounts.total.energy_j;
  return day;
}

// The child's result goes to its parent as it lies in memory.
std::string bytes_of(const DayResult& day) {
  static_assert(std::is_trivially_copyable_v<DayResult>);
  return {reinterpret_cast<const char*>(&day), sizeof day};
}

[[noreturn]] void give_up(const std::string& date, const Outcome& outcome) {
  if (outcome.code != 2) {
    throw results::IoError("on " + date + ": " + outcome.text +
                           "; try it alone: run --set workload.day=" + date);
  }
  fmt::print(stderr, "{}\n", outcome.text);
  throw config::ConfigError(
      config::Mistake{date, {}, "", "could not be simulated, as the lines above say"});
}

}  // namespace

std::vector<DayResult> run_days(const ForecastOptions& options,
                                const std::vector<std::string>& dates) {
  std::vector<DayResult> results(dates.size());
  std::size_t done = 0;
  forked(
      dates.size(), [&](std::size_t i) { return bytes_of(simulate_day(options, dates[i])); },
      [&](std::size_t i, const Outcome& outcome) {
        if (outcome.code != 0) give_up(dates[i], outcome);
        SIM_ASSERT(outcome.text.size() == sizeof(DayResult));
        std::memcpy(&results[i], outcome.text.data(), sizeof(DayResult));
        if (!options.quiet) show_done(++done, dates.size(), "days");
      });
  return results;
}

}  // namespace tokenyard::commands
