// SPDX-License-Identifier: Apache-2.0
// How tenants are written in a file.
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "config/json_text.hpp"
#include "traffic/places.hpp"
#include "traffic/tenant.hpp"

namespace tokenyard::traffic {
namespace {

using config::Dimension;
using config::Section;
namespace fs = std::filesystem;

// A trace where the file says, else in the folder of shared traces.
std::string find_trace(const std::string& path) {
  if (fs::exists(path)) return path;
  if (const char* data = std::getenv("TOKENYARD_DATA")) {
    const fs::path other = fs::path(data) / "traces" / fs::path(path).filename();
    if (fs::exists(other)) return other.string();
  }
  return "";
}

// Reads what may name places, once a file is needed.
class TenantReader {
 public:
  TenantReader(const TenantFiles& files, config::Reading& reading)
      : files_(&files), reading_(&reading) {}

  Tenant read(Section& section) {
    Tenant tenant;
    tenant.name = section.required<std::string>("name");
    tenant.model = section.optional<std::string>("model", "");
    tenant.api_class = static_cast<std::uint8_t>(section.choice("api_class", api_classes, 0));
    tenant.tier =
        static_cast<Tier>(section.choice("tier", tiers, static_cast<std::size_t>(Tier::standard)));
    read_traffic(section.child("traffic"), tenant);
    read_scale(section.child("rate"), tenant);
    if (section.has("from")) read_places(section.child("from"), tenant);
    read_regions(section, tenant);
    tenant.slo = read_slo(section.child("slo"), tenant.name);
    if (const auto limit = section.maybe<Duration>("timeout", config::positive)) {
      tenant.timeout = *limit;
    }
    tenant.retry = read_retry(section.child("retry"));
    tenant.quota = read_quota(section.child("quota"));
    if (section.has("price")) tenant.price = read_price(section.child("price"));
    section.finish();
    return tenant;
  }

 private:
  void read_traffic(Section section, Tenant& tenant) {
    const auto trace = section.maybe<std::string>("trace");
    const auto otherwise = section.maybe<std::string>("otherwise");
    const auto description = section.maybe<std::string>("description");
    tenant.trace_reading.spread_ticks = section.optional<bool>("spread_ticks", false);
    const bool own = section.has("arrivals");
    if (static_cast<int>(trace.has_value()) + static_cast<int>(description.has_value()) +
            static_cast<int>(own) !=
        1) {
      section.mistake("",
                      "needs one of 'trace', 'description' and 'arrivals'; name a file in one "
                      "of the first two, or describe the traffic");
    }
    if (otherwise && !trace) section.mistake("otherwise", "stands without 'trace'; remove it");
    if (own && !trace && !description) {
      Workload workload;
      workload.clients.push_back(read_client(section));
      tenant.workload = std::move(workload);
      tenant.stands_on = "described in " + fs::path(files_->file).filename().string();
    }
    section.finish();
    const std::string found = trace ? find_trace(beside(files_->file, *trace)) : "";
    if (!found.empty()) return use_trace(found, tenant);
    if (description) return use_workload(beside(files_->file, *description), tenant);
    if (!trace) {
      if (!tenant.workload) tenant.workload = Workload{};
      return;
    }
    if (!otherwise) {
      section.mistake("trace", "'" + *trace +
                                   "' is not there; fetch it with workloads/download.sh, "
                                   "or name a description under 'otherwise'");
      tenant.workload = Workload{};
      return;
    }
    use_workload(beside(files_->file, *otherwise), tenant);
    tenant.stands_on += ", since the trace " + *trace + " is not there";
  }

  void use_trace(const std::string& path, Tenant& tenant) {
    try {
      config::Mistakes mistakes;
      tenant.trace = scan_trace(path, mistakes, tenant.trace_reading);
      if (mistakes.empty() && !tenant.trace->dated) {
        mistakes.add({path,
                      {},
                      "",
                      "has lengths without stamps, so all would arrive at once; "
                      "describe the arrivals, and give its lengths as quantiles"});
      }
      for (const config::Mistake& mistake : mistakes.all()) reading_->mistakes.add(mistake);
    } catch (const config::ConfigError& error) {
      for (const config::Mistake& mistake : error.mistakes()) reading_->mistakes.add(mistake);
      tenant.trace = TraceSummary{};
    }
    tenant.trace_path = path;
    tenant.stands_on = "trace " + fs::path(path).filename().string() + " (sha256 " +
                       tenant.trace->sha256.substr(0, 12) + "...)";
  }

  void use_workload(const std::string& path, Tenant& tenant) {
    try {
      const config::Document document = config::load_yaml(path);
      config::Reading own;
      config::check_schema(document, "workload", traffic_lists(), own.mistakes);
      tenant.workload = read_workload(document, own);
      for (const config::Mistake& mistake : own.mistakes.all()) reading_->mistakes.add(mistake);
      for (const auto& [key, entry] : own.resolved.entries) {
        reading_->resolved.entries["workload.tenants[" + tenant.name + "].described." + key] =
            entry;
      }
    } catch (const config::ConfigError& error) {
      for (const config::Mistake& mistake : error.mistakes()) reading_->mistakes.add(mistake);
      tenant.workload = Workload{};
    }
    tenant.stands_on = "description " + fs::path(path).filename().string();
  }

  static void read_scale(Section rate, Tenant& tenant) {
    const bool scaled = rate.has("scale");
    tenant.scale = rate.optional<double>("scale", 1, {1e-9, 1e9});
    if (scaled && tenant.trace && tenant.scale != 1) {
      rate.mistake("scale",
                   "a trace is replayed as it is; make another with 'tokenyard trace scale', or "
                   "scale a description");
    }
    check_users(rate, tenant);
    rate.finish();
  }

  static void check_users(Section& rate, const Tenant& tenant) {
    constexpr double most = 1e7;
    if (!tenant.workload) return;
    for (const Client& client : tenant.workload->clients) {
      const auto* users = std::get_if<UsersPlan>(&client.arrivals);
      if (users == nullptr || static_cast<double>(users->count) * tenant.scale <= most) continue;
      rate.mistake("scale", "makes more than 10,000,000 users of a closed loop; lower it");
    }
  }

  void read_places(Section from, Tenant& tenant) {
    if (!places_)
      places_ = load_places(files_->home + "/workloads/places.yaml", reading_->mistakes);
    std::vector<Share> shares;
    double sum = 0;
    for (const std::string& name : from.names()) {
      const double share = from.required<config::Fraction>(name, {0, 1}).value;
      const auto place = places_->find(name);
      if (place == places_->end()) {
        std::vector<std::string> known;
        for (const auto& [other, _] : *places_) known.push_back(other);
        from.mistake(name,
                     config::unknown_name(name, known) + "; workloads/places.yaml lists them all");
        continue;
      }
      shares.push_back({place->second, share});
      sum += share;
    }
    if (!shares.empty() && std::abs(sum - 1) > 1e-6) {
      from.mistake("", "has shares that add up to " + config::shortest(100 * sum) +
                           " %; they must make 100 %");
    }
    if (tenant.trace && shares.size() > 1) {
      from.mistake("",
                   "has several places, but a trace does not say which request is whose; name "
                   "one, or use a description");
    }
    from.finish();
    if (!shares.empty()) tenant.from = std::move(shares);
  }

  // Regions, and zones in whose place their regions are put.
  void read_regions(Section& section, Tenant& tenant) {
    const auto add = [&tenant](const std::string& region) {
      auto& all = tenant.regions;
      if (std::find(all.begin(), all.end(), region) == all.end()) all.push_back(region);
    };
    for (const std::string& name : section.strings("regions")) {
      if (name.find('/') != std::string::npos) {
        add(name);
        tenant.named_regions.push_back(name);
        continue;
      }
      if (!zones_) zones_ = load_zones(files_->home + "/workloads/places.yaml", reading_->mistakes);
      const auto zone = zones_->find(name);
      if (zone != zones_->end()) {
        for (const std::string& region : zone->second) add(region);
        continue;
      }
      section.mistake("regions", "'" + name + "' is neither a region, written provider/region, " +
                                     "nor a zone; workloads/places.yaml lists the zones");
    }
    if (tenant.regions.size() == tenant.named_regions.size()) return;
    // Not what a zone is called counts, but what is in it.
    std::vector<std::string> json;
    for (const std::string& region : tenant.regions) json.push_back(config::json_string(region));
    reading_->resolved.entries[section.path() + ".regions"].json = config::json_list(json);
  }

  static Slo read_slo(Section section, const std::string& tenant) {
    Slo slo;
    slo.name = section.optional<std::string>("class", tenant);
    slo.ttft = section.maybe<Duration>("ttft", config::positive).value_or(slo.ttft);
    slo.tpot = section.maybe<Duration>("tpot", config::positive).value_or(slo.tpot);
    slo.end_to_end =
        section.maybe<Duration>("end_to_end", config::positive).value_or(slo.end_to_end);
    slo.share = section.optional<double>("percentile", 99, {1, 100}) / 100;
    section.finish();
    return slo;
  }

  static Retry read_retry(Section section) {
    Retry retry;
    retry.attempts = section.optional<std::int64_t>("attempts", retry.attempts, {1, 100});
    retry.wait = section.optional<Duration>("wait", retry.wait, config::positive);
    retry.longest = section.optional<Duration>("longest", retry.longest, config::positive);
    section.finish();
    return retry;
  }

  static double per_minute(Section& section, const char* key, const std::string& what,
                           std::int64_t count) {
    if (count < 1) {
      section.mistake(key, std::to_string(count) + " is below one " + what +
                               ", so that none would ever be admitted; raise it");
    }
    return static_cast<double>(std::max<std::int64_t>(count, 1));
  }

  static Quota read_quota(Section section) {
    Quota quota;
    constexpr config::Limits limits{-0x1p53, 0x1p53};
    if (const auto n = section.maybe<std::int64_t>("requests_per_minute", limits)) {
      quota.requests = per_minute(section, "requests_per_minute", "request", *n);
    }
    if (const auto n = section.maybe<Tokens>("tokens_per_minute", limits)) {
      quota.tokens = per_minute(section, "tokens_per_minute", "token", n->value());
    }
    section.finish();
    return quota;
  }

  static TokenPrice read_price(Section section) {
    TokenPrice price;
    price.input_usd =
        section.required_quantity("input", Dimension::token_price, config::not_negative);
    price.output_usd =
        section.required_quantity("output", Dimension::token_price, config::not_negative);
    price.cached_input_usd = section.optional_quantity("cached_input", Dimension::token_price,
                                                       price.input_usd, config::not_negative);
    section.finish();
    return price;
  }

  const TenantFiles* files_;
  config::Reading* reading_;
  std::optional<std::map<std::string, Place>> places_;
  std::optional<Zones> zones_;
};

}  // namespace

std::vector<Tenant> read_tenants(Section& workload, const TenantFiles& files,
                                 config::Reading& reading) {
  TenantReader reader(files, reading);
  std::vector<Tenant> tenants;
  for (Section& section : workload.children("tenants", 1)) {
    Tenant tenant = reader.read(section);
    for (const Tenant& other : tenants) {
      if (other.name == tenant.name) section.mistake("name", "names two tenants; rename one");
      if (other.slo.name == tenant.slo.name && other.slo != tenant.slo) {
        section.mistake("slo", "gives the SLO class '" + tenant.slo.name +
                                   "' other limits than those of " + other.name +
                                   "; name it otherwise under slo.class");
      }
    }
    tenants.push_back(std::move(tenant));
  }
  return tenants;
}

std::vector<Tenant> load_tenants(const config::Document& document, const std::string& home,
                                 config::Reading& reading) {
  config::check_schema(document, "workload", traffic_lists(), reading.mistakes);
  if (document.root.find("tenants") == nullptr) {
    Tenant tenant;
    tenant.workload = read_workload(document, reading);
    tenant.name = tenant.workload->name;
    tenant.slo.name = tenant.name;
    std::vector<Tenant> tenants;
    tenants.push_back(std::move(tenant));
    return tenants;
  }
  Section root(document, reading);
  root.required<std::string>("name");
  root.required<std::string>("source");
  for (const char* key : {"description", "licence", "forecast"}) root.skip(key);
  std::vector<Tenant> tenants = read_tenants(root, {document.file, home}, reading);
  root.finish();
  return tenants;
}

}  // namespace tokenyard::traffic
