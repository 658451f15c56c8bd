// SPDX-License-Identifier: Apache-2.0
// How a forecast is written in a file.
#include <algorithm>

#include "traffic/forecast.hpp"

namespace tokenyard::traffic {
namespace {

using config::Section;

std::vector<double> read_rates(Section& growth, std::string_view key, std::int64_t quarters) {
  const auto count = static_cast<std::size_t>(quarters);
  std::vector<double> rates;
  if (growth.has_list(key)) {
    rates = growth.numbers(key, {-0.99, 100});
    if (rates.size() != count) {
      growth.mistake(key, "must have a rate for each of the " + std::to_string(count) +
                              " quarters, or be one for all");
    }
  } else {
    const double rate = growth.required_quantity(key, config::Dimension::fraction, {-0.99, 100});
    rates.assign(count, rate);
  }
  rates.resize(count, 0.0);
  return rates;
}

void read_future(Section section, const Forecast& forecast, TenantForecast& future) {
  Section growth = section.child("growth");
  for (std::size_t i = 0; i < growth_cases.size(); ++i) {
    future.growth[i] = read_rates(growth, growth_cases[i], forecast.quarters);
  }
  growth.finish();
  if (const auto launch = section.maybe<std::string>("launch")) {
    const auto date = parse_date(*launch);
    if (!date) {
      section.mistake("launch", "'" + *launch + "' is not a date like 2027-01-01");
    } else {
      future.launch = (*date - forecast.begins).count();
    }
  }
  if (section.has("adoption")) {
    Section adoption = section.child("adoption");
    future.adoption = static_cast<AdoptionCurve>(adoption.choice("curve", adoption_curves));
    constexpr double day_s = 86400;
    future.adopted_after = adoption.required<Duration>("over", config::positive).value() / day_s;
    adoption.finish();
  }
  section.finish();
}

void read_futures(Section section, Forecast& forecast) {
  for (const Tenant& tenant : forecast.tenants) {
    TenantForecast future;
    future.name = tenant.name;
    for (auto& growth : future.growth) {
      growth.assign(static_cast<std::size_t>(forecast.quarters), 0.0);
    }
    if (section.has(tenant.name)) read_future(section.child(tenant.name), forecast, future);
    forecast.futures.push_back(std::move(future));
  }
  section.finish();
}

void read_base(const std::string& path, const std::string& home, Forecast& forecast,
               config::Reading& reading) {
  try {
    const config::Document document = config::load_yaml(path);
    if (is_forecast(document)) {
      reading.mistakes.add({path, {1, 1}, "", "is a forecast itself; name the workload it grows"});
      return;
    }
    forecast.tenants = load_tenants(document, home, reading);
  } catch (const config::ConfigError& error) {
    for (const config::Mistake& mistake : error.mistakes()) reading.mistakes.add(mistake);
  }
  for (const Tenant& tenant : forecast.tenants) {
    if (!tenant.trace) continue;
    reading.mistakes.add({path,
                          {1, 1},
                          "",
                          "'" + tenant.name +
                              "' replays a trace, which cannot "
                              "grow; describe it ('tokenyard trace fit')"});
  }
}

}  // namespace

bool is_forecast(const config::Document& document) {
  return document.root.find("forecast") != nullptr;
}

Forecast read_forecast(const config::Document& document, const std::string& home,
                       config::Reading& reading) {
  Forecast forecast;
  config::check_schema(document, "workload", traffic_lists(), reading.mistakes);
  Section root(document, reading);
  root.required<std::string>("name");
  root.required<std::string>("source");
  for (const char* key : {"description", "licence"}) root.skip(key);
  Section section = root.child("forecast");
  const auto workload = section.required<std::string>("workload");
  const auto begins = section.required<std::string>("begins");
  if (const auto date = parse_date(begins)) {
    forecast.begins = *date;
  } else if (!begins.empty()) {
    section.mistake("begins", "'" + begins + "' is not a date like 2027-01-01");
  }
  forecast.quarters = section.required<std::int64_t>("quarters", {1, 80});
  forecast.quarters = std::clamp<std::int64_t>(forecast.quarters, 1, 80);
  forecast.growth_case = static_cast<GrowthCase>(section.choice("case", growth_cases, 1));
  forecast.representative_days =
      static_cast<std::size_t>(section.optional<std::int64_t>("days", 12, {1, 400}));
  forecast.check_days =
      static_cast<std::size_t>(section.optional<std::int64_t>("check_days", 2, {0, 50}));
  forecast.workload_file = beside(document.file, workload);
  if (!workload.empty()) read_base(forecast.workload_file, home, forecast, reading);
  if (forecast.tenants.empty()) {
    section.skip("tenants");
  } else {
    read_futures(section.child("tenants"), forecast);
  }
  section.finish();
  root.finish();
  return forecast;
}

}  // namespace tokenyard::traffic
