// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace tokenyard::traffic {

// Hourly sums by region, model and tier: what a planner has.
struct TelemetryOptions {
  std::string file;
  std::string name;              // of the workload
  std::string made_by;           // the program, for `source`
  std::set<std::string> places;  // that `from` may name
};

bool begins_telemetry(std::string_view header);

// The telemetry as the text of a workload file, a tenant for each region, model and tier. Throws
// ConfigError.
std::string workload_from_telemetry(const TelemetryOptions& options);

}  // namespace tokenyard::traffic
