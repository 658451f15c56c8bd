// SPDX-License-Identifier: Apache-2.0
#include "traffic/tenant.hpp"

#include <algorithm>
#include <filesystem>

#include "core/contracts.hpp"
#include "traffic/mix.hpp"

namespace tokenyard::traffic {

double Tenant::expected_requests(Duration until) const {
  if (trace) return static_cast<double>(trace->requests);
  return workload->expected_requests(until) * scale;
}

std::vector<std::unique_ptr<Arrivals>> open_parts(const Tenant& tenant, const Opened& opened) {
  SIM_EXPECT(opened.origins.size() == tenant.from.size());
  Request pattern;
  pattern.tenant = opened.tenant;
  pattern.model = opened.model;
  pattern.slo_class = opened.slo_class;
  pattern.api_class = tenant.api_class;
  pattern.tier = static_cast<std::uint8_t>(tenant.tier);
  pattern.priority = pattern.tier;
  pattern.origin = opened.origins.front();
  std::vector<std::unique_ptr<Arrivals>> streams;
  if (tenant.trace) {
    streams.push_back(
        trace_arrivals(tenant.trace_path, *tenant.trace, pattern, tenant.trace_reading));
    return streams;
  }
  for (std::size_t i = 0; i < tenant.from.size(); ++i) {
    const Share& share = tenant.from[i];
    pattern.origin = opened.origins[i];
    Seeding seeding{opened.seed, opened.replication, tenant.name, tenant.name};
    if (tenant.from.size() > 1) seeding.name = joined(seeding.name, share.place.name);
    const Opening opening{pattern, tenant.scale * share.share, seeding, share.place.time_zone};
    for (auto& stream : open_clients(*tenant.workload, opening, streams.size())) {
      streams.push_back(std::move(stream));
    }
  }
  return streams;
}

std::unique_ptr<Arrivals> open_tenant(const Tenant& tenant, const Opened& opened) {
  std::vector<std::unique_ptr<Arrivals>> streams = open_parts(tenant, opened);
  if (streams.size() == 1) return std::move(streams.front());
  return std::make_unique<Mix>(std::move(streams));
}

std::string beside(const std::string& from, const std::string& name) {
  const std::filesystem::path path(name);
  if (path.is_absolute()) return name;
  return (std::filesystem::path(from).parent_path() / path).lexically_normal().string();
}

config::Lists traffic_lists() {
  config::Lists lists;
  lists["arrivals"] = {arrival_processes.begin(), arrival_processes.end()};
  lists["tiers"] = {tiers.begin(), tiers.end()};
  lists["growth_cases"] = {"low", "mid", "high"};
  lists["adoption_curves"] = {"step", "linear", "logistic"};
  lists["api_classes"] = {api_classes.begin(), api_classes.end()};
  return lists;
}

}  // namespace tokenyard::traffic
