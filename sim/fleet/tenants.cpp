// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <filesystem>

#include "fleet/scenario.hpp"

namespace tokenyard::fleet {
namespace {

using config::Section;
namespace fs = std::filesystem;

// A trace where the scenario says, else in the folder of shared traces.
std::string find_trace(const std::string& path) {
  if (fs::exists(path)) return path;
  if (const char* data = std::getenv("TOKENYARD_DATA")) {
    const fs::path other = fs::path(data) / "traces" / fs::path(path).filename();
    if (fs::exists(other)) return other.string();
  }
  return "";
}

void use_trace(const std::string& path, Tenant& tenant, config::Reading& reading) {
  try {
    config::Mistakes mistakes;
    tenant.trace = traffic::scan_trace(path, mistakes);
    for (const config::Mistake& mistake : mistakes.all()) reading.mistakes.add(mistake);
  } catch (const config::ConfigError& error) {
    for (const config::Mistake& mistake : error.mistakes()) reading.mistakes.add(mistake);
    tenant.trace = traffic::TraceSummary{};
  }
  tenant.trace_path = path;
  tenant.stands_on = "trace " + fs::path(path).filename().string() + " (sha256 " +
                     tenant.trace->sha256.substr(0, 12) + "...)";
}

void use_workload(const std::string& path, Tenant& tenant, config::Reading& reading) {
  try {
    const config::Document document = config::load_yaml(path);
    config::Reading own;
    config::check_schema(document, "workload", policy_lists(), own.mistakes);
    tenant.workload = traffic::read_workload(document, own);
    for (const config::Mistake& mistake : own.mistakes.all()) reading.mistakes.add(mistake);
    for (const auto& [key, entry] : own.resolved.entries) {
      reading.resolved.entries["workload.tenants[" + tenant.name + "].described." + key] = entry;
    }
  } catch (const config::ConfigError& error) {
    for (const config::Mistake& mistake : error.mistakes()) reading.mistakes.add(mistake);
    tenant.workload = traffic::Workload{};
  }
  tenant.stands_on = "description " + fs::path(path).filename().string();
}

void read_traffic(Section section, const std::string& file, Tenant& tenant,
                  config::Reading& reading) {
  const auto trace = section.maybe<std::string>("trace");
  const auto otherwise = section.maybe<std::string>("otherwise");
  const auto description = section.maybe<std::string>("description");
  if (trace.has_value() == description.has_value()) {
    section.mistake("", "needs one of 'trace' and 'description'; name a file in one of them");
  }
  if (otherwise && !trace) section.mistake("otherwise", "stands without 'trace'; remove it");
  section.finish();
  const std::string found = trace ? find_trace(beside(file, *trace)) : "";
  if (!found.empty()) return use_trace(found, tenant, reading);
  if (description) return use_workload(beside(file, *description), tenant, reading);
  if (!trace) return;
  if (!otherwise) {
    section.mistake("trace", "'" + *trace +
                                 "' is not there; fetch it with workloads/download.sh, "
                                 "or name a description under 'otherwise'");
    return;
  }
  use_workload(beside(file, *otherwise), tenant, reading);
  tenant.stands_on += ", since the trace " + *trace + " is not there";
}

Slo read_slo(Section section, const std::string& tenant) {
  constexpr double never = std::numeric_limits<double>::infinity();
  Slo slo;
  slo.name = section.optional<std::string>("class", tenant);
  slo.ttft = section.maybe<Duration>("ttft", config::positive).value_or(Duration(never));
  slo.tpot = section.maybe<Duration>("tpot", config::positive).value_or(Duration(never));
  slo.end_to_end =
      section.maybe<Duration>("end_to_end", config::positive).value_or(Duration(never));
  slo.share = section.optional<double>("percentile", 99, {1, 100}) / 100;
  section.finish();
  return slo;
}

ModelId read_model(Section& section, const Scenario& scenario) {
  const auto name = section.required<std::string>("model");
  for (std::size_t i = 0; i < scenario.models.size(); ++i) {
    if (scenario.models[i]->name == name) return ModelId(static_cast<std::uint16_t>(i));
  }
  if (!name.empty()) {
    section.mistake("model", "'" + name + "' is not among the scenario's models; add it there");
  }
  return ModelId{};
}

}  // namespace

void read_tenants(Section& workload, const std::string& file, Scenario& scenario,
                  config::Reading& reading) {
  for (Section& section : workload.children("tenants", 1)) {
    Tenant tenant;
    tenant.name = section.required<std::string>("name");
    for (const Tenant& other : scenario.tenants) {
      if (other.name == tenant.name) section.mistake("name", "names two tenants; rename one");
    }
    tenant.model = read_model(section, scenario);
    read_traffic(section.child("traffic"), file, tenant, reading);
    Section rate = section.child("rate");
    const bool scaled = rate.has("scale");
    tenant.scale = rate.optional<double>("scale", 1, {1e-9, 1e9});
    if (scaled && tenant.trace && tenant.scale != 1) {
      rate.mistake("scale", "a trace is replayed as it is; scale a description instead");
    }
    rate.finish();
    tenant.slo = read_slo(section.child("slo"), tenant.name);
    for (const Tenant& other : scenario.tenants) {
      if (other.slo.name != tenant.slo.name) continue;
      section.mistake("slo", "'" + tenant.slo.name + "' is the SLO class of " + other.name +
                                 " already; name it otherwise under slo.class");
    }
    section.finish();
    scenario.tenants.push_back(std::move(tenant));
  }
}

}  // namespace tokenyard::fleet
