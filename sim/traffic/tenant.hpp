// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/schema.hpp"
#include "traffic/trace.hpp"
#include "traffic/workload.hpp"

namespace tokenyard::traffic {

// Limits that a class of requests shall meet; absent ones are infinite.
struct Slo {
  std::string name;
  Duration ttft{std::numeric_limits<double>::infinity()};
  Duration tpot{std::numeric_limits<double>::infinity()};
  Duration end_to_end{std::numeric_limits<double>::infinity()};  // of a batch job: its deadline
  double share = 0.99;  // of the requests that shall meet them

  bool operator==(const Slo&) const = default;
};

// What was agreed on how urgent requests are, the most urgent first.
enum class Tier : std::uint8_t { reserved, priority, standard, flex, batch };
inline constexpr std::array<std::string_view, 5> tiers = {"reserved", "priority", "standard",
                                                          "flex", "batch"};

// Whether the provider keeps the conversation (stateful) or gets all of it with each request.
inline constexpr std::array<std::string_view, 2> api_classes = {"stateless", "stateful"};

// Where clients are.
struct Place {
  std::string name;
  Duration time_zone{0};  // their clock ahead of UTC
  double latitude = 0;    // degrees north and east
  double longitude = 0;
};

// A place in no place: where nothing was said.
inline const Place unspecified{"unspecified"};

// A part of a tenant's traffic comes from each place.
struct Share {
  Place place;
  double share = 1;
};

// What a client does that gets no answer, and how often.
struct Retry {
  std::int64_t attempts = 1;  // in all; 1: it gives up at once
  Duration wait{1};           // before the second attempt, doubled for each further one
  Duration longest{60};
};

// What may be used in a minute, as a bucket of that size that fills at that rate.
struct Quota {
  double requests = std::numeric_limits<double>::infinity();
  double tokens = std::numeric_limits<double>::infinity();  // prompt and max_tokens

  bool limited() const {
    return requests < std::numeric_limits<double>::infinity() ||
           tokens < std::numeric_limits<double>::infinity();
  }
};

// What a tenant pays for tokens that it got an answer with.
struct TokenPrice {
  double input_usd = 0;  // a million tokens
  double cached_input_usd = 0;
  double output_usd = 0;
};

// Who sends requests.
struct Tenant {
  std::string name;
  std::string model;
  std::uint8_t api_class = 0;
  Tier tier = Tier::standard;
  std::vector<Share> from = {{unspecified, 1}};  // shares add up to 1
  std::vector<std::string> regions;        // that may serve it: provider/region; none: all of them
  std::vector<std::string> named_regions;  // of them, those that are not of a zone
  Slo slo;
  Duration timeout{std::numeric_limits<double>::infinity()};  // from arrival to the last token
  Retry retry;
  Quota quota;
  std::optional<TokenPrice> price;

  // Its traffic: a trace, or the description of one.
  std::optional<TraceSummary> trace;
  std::string trace_path;
  TraceOptions trace_reading;
  std::optional<Workload> workload;
  double scale = 1;
  std::string stands_on;  // what the traffic is, a fallback said to be one

  bool ends() const { return trace || workload->ends(); }
  double expected_requests(Duration until) const;
};

// What a stream of requests is for.
struct Opened {
  TenantId tenant{};
  ModelId model{};
  SloClassId slo_class{};
  std::vector<std::uint16_t> origins;  // the number of each of the tenant's places
  std::uint64_t seed = 0;
  std::uint64_t replication = 0;
};

// The requests of a tenant, which must outlive them. Named after the tenant: another one changes
// nothing.
std::unique_ptr<Arrivals> open_tenant(const Tenant& tenant, const Opened& opened);
// The same as the independent streams that it is mixed of, in their order.
std::vector<std::unique_ptr<Arrivals>> open_parts(const Tenant& tenant, const Opened& opened);

// What reading tenants needs to know: the file that relative paths are beside, and the folder of
// the program's own files (places).
struct TenantFiles {
  std::string file;
  std::string home;
};

// Reads the list `tenants` of a workload.
std::vector<Tenant> read_tenants(config::Section& workload, const TenantFiles& files,
                                 config::Reading& reading);

// A workload file: one that lists tenants, or a description, which is then the only tenant's.
std::vector<Tenant> load_tenants(const config::Document& document, const std::string& home,
                                 config::Reading& reading);

// `name` beside the file `from`, unless it is absolute.
std::string beside(const std::string& from, const std::string& name);

// The names that the schema of a workload is filled with.
config::Lists traffic_lists();

}  // namespace tokenyard::traffic
