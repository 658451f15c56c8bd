// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "traffic/tenant.hpp"

namespace tokenyard::traffic {

// Whose traffic a row of telemetry counts.
struct TelemetryKey {
  std::string region;
  std::string model;
  Tier tier = Tier::standard;

  auto operator<=>(const TelemetryKey&) const = default;
};

struct TelemetryTenant {
  std::map<std::int64_t, double> requests;  // by hour since 1970
  double sum = 0;                           // of the requests
  double input_tokens = 0;
  double cached_tokens = 0;
  double output_tokens = 0;
};

struct Telemetry {
  std::map<TelemetryKey, TelemetryTenant> tenants;
  std::int64_t first_hour = 0;
  std::int64_t last_hour = 0;
  bool says_cached = false;
};

// Reads the file. Throws ConfigError with its mistakes, and for more tenants and hours than a
// workload file may hold.
Telemetry read_telemetry(const std::string& path);

// "2026-11-02 13:00 UTC"
std::string hour_text(std::int64_t hour);

}  // namespace tokenyard::traffic
