// SPDX-License-Identifier: Apache-2.0
#include "commands/forecast.hpp"

#include <fmt/format.h>

#include <cmath>

#include "commands/day_runs.hpp"
#include "commands/load.hpp"
#include "commands/option_values.hpp"
#include "results/file.hpp"
#include "traffic/forecast.hpp"

namespace tokenyard::commands {
namespace {

using traffic::DaySample;
using traffic::Forecast;

constexpr double day_s = 86400;

struct Loaded {
  Forecast forecast;
  bool of_scenario = false;
};

Loaded load(const ForecastOptions& options) {
  config::Document document = load_document(options.file, options.sets);
  Loaded loaded;
  loaded.of_scenario = document.root.find("fleet") != nullptr;
  std::string growth_case = options.growth_case;
  if (loaded.of_scenario) {
    const config::Value* workload = document.root.find("workload");
    const config::Value* file = workload == nullptr ? nullptr : workload->find("file");
    if (file == nullptr) {
      refuse_option(options.file, "has no workload.file, so no forecast; name one there");
    }
    const config::Value* given = workload->find("case");
    if (growth_case.empty() && given != nullptr) growth_case = given->text;
    document = config::load_yaml(traffic::beside(options.file, file->text));
  }
  if (!traffic::is_forecast(document)) {
    refuse_option(document.file, "is no forecast; see workloads/three-year-growth.yaml for one");
  }
  config::Reading reading;
  loaded.forecast = traffic::read_forecast(document, fleet::home(), reading);
  reading.mistakes.throw_if_any();
  if (growth_case.empty()) return loaded;
  const auto found =
      std::find(traffic::growth_cases.begin(), traffic::growth_cases.end(), growth_case);
  if (found == traffic::growth_cases.end()) {
    refuse_option("--case", config::unknown_name(growth_case, {"low", "mid", "high"}));
  }
  loaded.forecast.growth_case =
      static_cast<traffic::GrowthCase>(found - traffic::growth_cases.begin());
  return loaded;
}

double sum(const std::vector<double>& values) {
  double total = 0;
  for (const double value : values) total += value;
  return total;
}

// Mean requests a second of each tenant, in each quarter.
std::string demand_table(const Forecast& forecast) {
  std::string text = fmt::format("{:<12}", "requests/s");
  for (const auto& future : forecast.futures) text += fmt::format("{:>12.11}", future.name);
  text += fmt::format("{:>12}\n", "all");
  const double days_in_quarter =
      static_cast<double>(forecast.days()) / static_cast<double>(forecast.quarters);
  for (std::int64_t quarter = 0; quarter < forecast.quarters; ++quarter) {
    const auto first = static_cast<std::int64_t>(static_cast<double>(quarter) * days_in_quarter);
    const auto last = static_cast<std::int64_t>(static_cast<double>(quarter + 1) * days_in_quarter);
    std::vector<double> requests(forecast.futures.size(), 0.0);
    for (std::int64_t day = first; day < last; ++day) {
      const std::vector<double> demand = forecast.demand(day);
      for (std::size_t t = 0; t < demand.size(); ++t) requests[t] += demand[t];
    }
    const double seconds = static_cast<double>(last - first) * day_s;
    text += fmt::format("{:<12}", traffic::date_text(forecast.date(first)));
    for (const double r : requests) text += fmt::format("{:>12.4g}", r / seconds);
    text += fmt::format("{:>12.4g}\n", sum(requests) / seconds);
  }
  return text;
}

std::string sample_table(const Forecast& forecast, const DaySample& sample,
                         const std::vector<DayResult>& results) {
  std::string text = fmt::format("\n{:<12}{:>6}{:>12}", "day", "days", "requests/s");
  if (!results.empty()) {
    text += fmt::format("{:>11}{:>11}{:>10}{:>14}", "TTFT p99", "e2e p99", "met SLO", "cost USD");
  }
  text += '\n';
  for (std::size_t i = 0; i < sample.days.size(); ++i) {
    const DaySample::Day& day = sample.days[i];
    text += fmt::format("{:<12}{:>6}{:>12.4g}", traffic::date_text(forecast.date(day.day)),
                        day.weight, sum(forecast.demand(day.day)) / day_s);
    if (!results.empty()) text += results[i].row();
    text += '\n';
  }
  text += fmt::format(
      "{} of {} days; against all days {:+.2f} % requests, {:+.2f} % for the tenant that is\n"
      "furthest off, {:.1f} % greatest difference of the load-duration curve\n",
      sample.days.size(), forecast.days(), 100 * sample.requests_error,
      100 * sample.worst_tenant_error, 100 * sample.load_curve_error);
  return text;
}

// The days that were simulated beside, each against the one that stands for it.
std::string check_table(const Forecast& forecast, const DaySample& sample,
                        const std::vector<std::int64_t>& days,
                        const std::vector<DayResult>& results) {
  if (days.empty()) return "";
  std::string text = "\nchecked: days the furthest from the one that stands for them\n";
  for (std::size_t i = 0; i < days.size(); ++i) {
    const std::size_t stands = sample.stands[static_cast<std::size_t>(days[i])];
    const DayResult& own = results[sample.days.size() + i];
    const DayResult& other = results[stands];
    const auto off = [](double estimate, double truth) { return 100 * (estimate / truth - 1); };
    text += fmt::format(
        "{}  by {}: requests {:+.1f} %, TTFT p99 {:+.1f} %, e2e p99 {:+.1f} %, met SLO {:+.2f} "
        "points\n",
        traffic::date_text(forecast.date(days[i])),
        traffic::date_text(forecast.date(sample.days[stands].day)),
        off(other.requests, own.requests), off(other.ttft_p99_s, own.ttft_p99_s),
        off(other.end_to_end_p99_s, own.end_to_end_p99_s),
        100 * (other.attainment - own.attainment));
  }
  return text;
}

std::string totals_text(const DaySample& sample, const std::vector<DayResult>& results) {
  double requests = 0, attained = 0, cost = 0, revenue = 0, energy = 0, output = 0;
  for (std::size_t i = 0; i < sample.days.size(); ++i) {
    const double weight = sample.days[i].weight;
    requests += weight * results[i].requests;
    attained += weight * results[i].requests * results[i].attainment;
    cost += weight * results[i].cost_usd;
    revenue += weight * results[i].revenue_usd;
    energy += weight * results[i].energy_j;
    output += weight * results[i].output_tokens;
  }
  std::string text = fmt::format(
      "\nin all      {:.4g} requests, {:.2f} % of them within their limits, {:.4g} output tokens\n"
      "            {:.4g} USD of cost, {:.4g} MWh",
      requests, 100 * attained / requests, output, cost, energy / 3.6e9);
  if (!std::isnan(revenue)) text += fmt::format(", {:.4g} USD of revenue", revenue);
  return text + "\n";
}

void write(const ForecastOptions& options, const Forecast& forecast, const DaySample& sample,
           const std::vector<DayResult>& results) {
  results::Writer writer(options.out,
                         options.force ? results::Existing::replace : results::Existing::refuse);
  std::vector<double> days, weights;
  for (const DaySample::Day& day : sample.days) {
    days.push_back(static_cast<double>(day.day));
    weights.push_back(day.weight);
  }
  writer.attribute("/", "title",
                   "Representative days from " + traffic::date_text(forecast.date(0)));
  writer.dimension("/days", "day", days, {"d", "days after the beginning", {}, {}});
  writer.column("/days/weight", weights, {"d", "days that it stands for", {}, {}});
  for (const DayResult::Column& column : DayResult::columns) {
    std::vector<double> cells;
    for (std::size_t i = 0; i < days.size(); ++i) cells.push_back(results[i].*column.value);
    writer.column("/days/" + std::string(column.name), cells,
                  {std::string(column.unit), std::string(column.long_name), {}, {}});
  }
  const std::string digest = writer.commit();
  fmt::print("results     {} (digest {}...)\n", options.out, digest.substr(0, 16));
}

}  // namespace

int forecast(const ForecastOptions& options) {
  const Loaded loaded = load(options);
  const Forecast& forecast = loaded.forecast;
  const DaySample sample = traffic::sample_days(forecast);
  fmt::print("{} quarters from {}, growth: {}\n\n{}", forecast.quarters,
             traffic::date_text(forecast.date(0)),
             traffic::growth_cases[static_cast<std::size_t>(forecast.growth_case)],
             demand_table(forecast));
  if (!loaded.of_scenario) {
    if (!options.out.empty()) {
      refuse_option("--out", "holds results, and a forecast alone has none; give a scenario");
    }
    fmt::print("{}", sample_table(forecast, sample, {}));
    return 0;
  }
  const std::vector<std::int64_t> checks = traffic::days_to_check(forecast, sample);
  std::vector<std::string> dates;
  for (const DaySample::Day& day : sample.days) {
    dates.push_back(traffic::date_text(forecast.date(day.day)));
  }
  for (const std::int64_t day : checks) {
    dates.push_back(traffic::date_text(forecast.date(day)));
  }
  const std::vector<DayResult> results = run_days(options, dates);
  fmt::print("{}{}{}", sample_table(forecast, sample, results),
             check_table(forecast, sample, checks, results), totals_text(sample, results));
  if (!options.out.empty()) write(options, forecast, sample, results);
  return 0;
}

}  // namespace tokenyard::commands
