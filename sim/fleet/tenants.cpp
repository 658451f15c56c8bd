// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "fleet/scenario.hpp"
#include "traffic/forecast.hpp"

namespace tokenyard::fleet {
namespace {

using config::Section;

ModelId model_of(Section& workload, const traffic::Tenant& tenant, const Scenario& scenario) {
  for (std::size_t i = 0; i < scenario.models.size(); ++i) {
    if (scenario.models[i]->name == tenant.model) return ModelId(static_cast<std::uint16_t>(i));
  }
  if (tenant.model.empty()) {
    workload.mistake("", "'" + tenant.name + "' names no model; give it one under model");
  } else if (!scenario.models.empty()) {
    workload.mistake("", "'" + tenant.name + "' asks for '" + tenant.model +
                             "', which is not among the scenario's models; add it there");
  }
  return ModelId{};
}

SloClassId class_of(const traffic::Slo& slo, Scenario& scenario) {
  auto& classes = scenario.slo_classes;
  auto found = std::find(classes.begin(), classes.end(), slo);
  if (found == classes.end()) found = classes.insert(classes.end(), slo);
  return SloClassId(static_cast<std::uint16_t>(found - classes.begin()));
}

std::uint16_t origin_of(const traffic::Place& place, Scenario& scenario) {
  auto& origins = scenario.origins;
  auto found = std::find_if(origins.begin(), origins.end(),
                            [&place](const traffic::Place& p) { return p.name == place.name; });
  if (found == origins.end()) found = origins.insert(origins.end(), place);
  return static_cast<std::uint16_t>(found - origins.begin());
}

// The tenants on one day of a forecast.
std::vector<traffic::Tenant> read_day(Section& workload, const config::Document& document,
                                      config::Reading& reading) {
  traffic::Forecast forecast = traffic::read_forecast(document, home(), reading);
  forecast.growth_case = static_cast<traffic::GrowthCase>(workload.choice(
      "case", traffic::growth_cases, static_cast<std::size_t>(forecast.growth_case)));
  const auto text = workload.maybe<std::string>("day");
  if (!text) {
    workload.mistake("file",
                     "is a forecast; name one of its days under 'day', or run them with "
                     "'tokenyard forecast'");
    return forecast.tenants;
  }
  const auto date = traffic::parse_date(*text);
  const std::int64_t day = date ? (*date - forecast.begins).count() : -1;
  if (day < 0 || day >= forecast.days()) {
    workload.mistake("day", "'" + *text + "' is not a date between " +
                                traffic::date_text(forecast.date(0)) + " and " +
                                traffic::date_text(forecast.date(forecast.days() - 1)));
    return forecast.tenants;
  }
  if (!reading.mistakes.empty()) return forecast.tenants;
  std::vector<traffic::Tenant> tenants = forecast.tenants_on(day);
  for (traffic::Tenant& tenant : tenants) tenant.stands_on += " on " + *text;
  return tenants;
}

std::vector<traffic::Tenant> read_any(Section& workload, const std::string& file,
                                      config::Reading& reading) {
  if (!workload.has("file")) return traffic::read_tenants(workload, {file, home()}, reading);
  if (workload.has("tenants")) {
    workload.mistake("file", "stands beside 'tenants'; keep one of the two");
  }
  workload.skip("tenants");
  const std::string path = beside(file, workload.required<std::string>("file"));
  try {
    const config::Document document = config::load_yaml(path);
    if (traffic::is_forecast(document)) return read_day(workload, document, reading);
    for (const char* key : {"day", "case"}) {
      if (workload.has(key)) workload.mistake(key, "is for a forecast, which this file is not");
    }
    return traffic::load_tenants(document, home(), reading);
  } catch (const config::ConfigError& error) {
    for (const config::Mistake& mistake : error.mistakes()) reading.mistakes.add(mistake);
  }
  return {};
}

}  // namespace

void read_workload(Section& workload, const std::string& file, Scenario& scenario,
                   config::Reading& reading) {
  scenario.tenants = read_any(workload, file, reading);
  for (const traffic::Tenant& tenant : scenario.tenants) {
    traffic::Opened opened;
    opened.tenant = TenantId(static_cast<std::uint16_t>(scenario.openings.size()));
    opened.model = model_of(workload, tenant, scenario);
    opened.slo_class = class_of(tenant.slo, scenario);
    for (const traffic::Share& share : tenant.from) {
      opened.origins.push_back(origin_of(share.place, scenario));
    }
    opened.seed = scenario.seed;
    opened.replication = scenario.replication;
    scenario.openings.push_back(std::move(opened));
    if (scenario.until == Instant::never() && !tenant.ends()) {
      workload.mistake(
          "", "'" + tenant.name + "' sends requests without end; give the scenario a duration");
    }
  }
}

}  // namespace tokenyard::fleet
