// SPDX-License-Identifier: Apache-2.0
#include "traffic/telemetry.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "traffic/statistics_rows.hpp"
#include "traffic/telemetry_file.hpp"
#include "traffic/workload_text.hpp"

namespace tokenyard::traffic {
namespace {

// The requests of each hour.
std::vector<double> values_of(const Telemetry& telemetry, const TelemetryTenant& tenant) {
  std::vector<double> values(static_cast<std::size_t>(telemetry.last_hour - telemetry.first_hour) +
                             1);
  for (const auto& [hour, requests] : tenant.requests) {
    values[static_cast<std::size_t>(hour - telemetry.first_hour)] = requests;
  }
  return values;
}

// Lengths in a file are whole tokens.
std::string whole_mean(double tokens, double requests) {
  return number_text(std::clamp(std::round(tokens / requests), 1.0, 1e12), 15);
}

std::string cached_text(const Telemetry& telemetry, double cached, double input) {
  if (!telemetry.says_cached || input <= 0) return "";
  return ", " + number_text(100 * cached / input, 3) + " % of it cached";
}

// Names of tenants: short, and no two alike.
class TenantNames {
 public:
  std::string name(const TelemetryKey& key) {
    std::string text =
        key.region + "-" + key.model + "-" + std::string(tiers[static_cast<std::size_t>(key.tier)]);
    for (char& c : text) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '/';
      if (!plain) c = '_';
    }
    std::string unique = text;
    for (std::size_t i = 2; !used_.insert(unique).second; ++i) {
      unique = text + "-" + std::to_string(i);
    }
    return unique;
  }

 private:
  std::set<std::string> used_;
};

class Writer {
 public:
  Writer(const TelemetryOptions& options, const Telemetry& telemetry)
      : options_(options), telemetry_(telemetry) {}

  std::string text() {
    std::string tenants;
    for (const auto& [key, tenant] : telemetry_.tenants) {
      if (tenant.sum <= 0) continue;
      ++written_;
      tenants += "\n" + tenant_text(key, tenant);
    }
    if (written_ == 0) refuse_file(options_.file, "has no requests; name a file that has some");
    return "# Hourly telemetry as a workload: a tenant for each region, model and tier.\nname: " +
           quoted_text(options_.name) + "\n" + folded_text("description", description()) +
           folded_text("source", "Computed by " + options_.made_by + " from " +
                                     file_and_digest(options_.file) + ", sums by the hour.") +
           "\n# Rates: requests of each hour from the first one; no time zone moves them.\n"
           "# Lengths: the mean is known, the shape (cv 1) is ASSUMED. No limit of a context is "
           "known; `most` sets one.\ntenants:" +
           tenants;
  }

 private:
  // Of the tenants that are written.
  TelemetryTenant total() const {
    TelemetryTenant sum;
    for (const auto& [key, tenant] : telemetry_.tenants) {
      if (tenant.sum <= 0) continue;
      sum.sum += tenant.sum;
      sum.input_tokens += tenant.input_tokens;
      sum.cached_tokens += tenant.cached_tokens;
      sum.output_tokens += tenant.output_tokens;
    }
    return sum;
  }

  std::string description() const {
    const TelemetryTenant sum = total();
    const auto hours = static_cast<double>(telemetry_.last_hour - telemetry_.first_hour + 1);
    const std::size_t silent = telemetry_.tenants.size() - written_;
    std::string text =
        counted_text(sum.sum) + " requests of " + counted_text(static_cast<double>(written_)) +
        (written_ == 1 ? " tenant" : " tenants") + " in " + counted_text(hours) +
        (hours == 1 ? " hour" : " hours") + "; time zero is " + hour_text(telemetry_.first_hour) +
        ". Means: prompt " + whole_mean(sum.input_tokens, sum.sum) + " tokens" +
        cached_text(telemetry_, sum.cached_tokens, sum.input_tokens) + "; output " +
        whole_mean(sum.output_tokens, sum.sum) +
        " tokens. Hours without a row have no requests. Telemetry has sums only: arrivals within "
        "an hour are ASSUMED to be Poisson at an even rate, and lengths to have a gamma "
        "distribution of cv 1 about the tenant's mean over all hours, outputs independent of "
        "prompts. Not reproduced: bursts, changes of lengths over time";
    text += telemetry_.says_cached
                ? ", sessions and shared prefixes; the cached tokens above are only stated."
                : ", sessions and shared prefixes.";
    if (silent == 0) return text;
    return text +
           " Left out, as they have no requests: " + counted_text(static_cast<double>(silent)) +
           (silent == 1 ? " tenant." : " tenants.");
  }

  std::string tenant_text(const TelemetryKey& key, const TelemetryTenant& tenant) {
    const bool placed = options_.places.contains(key.region);
    std::string text = "  # " + counted_text(tenant.sum) + " requests; mean prompt " +
                       number_text(tenant.input_tokens / tenant.sum) + " tokens" +
                       cached_text(telemetry_, tenant.cached_tokens, tenant.input_tokens) +
                       "; output " + number_text(tenant.output_tokens / tenant.sum) + " tokens\n";
    if (!placed) {
      text += "  # " + quoted_text(key.region) +
              " is no name in workloads/places.yaml: `from` is left out\n";
    }
    text += "  - name: " + quoted_text(names_.name(key)) +
            "\n    model: " + quoted_text(key.model) +
            "\n    tier: " + std::string(tiers[static_cast<std::size_t>(key.tier)]) + "\n";
    if (placed) text += "    from: {" + quoted_text(key.region) + ": 100 %}\n";
    return text +
           "    traffic:\n      arrivals:\n        process: poisson\n        rate:\n"
           "          unit: 1/h\n          step: 1 h\n          values: " +
           list_text(values_of(telemetry_, tenant), 12, 12) + "\n      lengths:\n" +
           length_text("prompt_tokens", tenant.input_tokens / tenant.sum) +
           length_text("output_tokens", tenant.output_tokens / tenant.sum);
  }

  static std::string length_text(const std::string& key, double mean) {
    return "        " + key + ": {gamma: {mean: " + whole_mean(mean, 1) + ", cv: 1}}\n";
  }

  const TelemetryOptions& options_;
  const Telemetry& telemetry_;
  TenantNames names_;
  std::size_t written_ = 0;
};

}  // namespace

std::string workload_from_telemetry(const TelemetryOptions& options) {
  const Telemetry telemetry = read_telemetry(options.file);
  return Writer(options, telemetry).text();
}

}  // namespace tokenyard::traffic
