// SPDX-License-Identifier: Apache-2.0
#include "commands/trace_generate.hpp"

#include <fmt/format.h>

#include <chrono>
#include <limits>

#include "commands/interrupt.hpp"
#include "commands/option_values.hpp"
#include "commands/terminal.hpp"
#include "fleet/scenario.hpp"
#include "traffic/bulk.hpp"
#include "traffic/request_sink.hpp"
#include "traffic/unattended.hpp"

namespace tokenyard::commands {
namespace {

using traffic::Tenant;

// The tenants of a workload file, or of a scenario's workload.
std::vector<Tenant> load(const std::string& path) {
  const config::Document document = config::load_yaml(path);
  config::Reading reading;
  std::vector<Tenant> tenants;
  if (document.root.find("fleet") != nullptr) {
    tenants = std::move(fleet::read_scenario(document, reading).tenants);
  } else {
    tenants = traffic::load_tenants(document, fleet::home(), reading);
  }
  reading.mistakes.throw_if_any();
  return tenants;
}

struct Opening {
  std::vector<std::unique_ptr<traffic::Arrivals>> streams;
  bool follows = false;  // some wait for answers, which are nominal here
};

Opening open_all(const std::vector<Tenant>& tenants, const traffic::RequestNames& names,
                 const TraceGenerateOptions& options) {
  Opening opening;
  for (std::size_t i = 0; i < tenants.size(); ++i) {
    traffic::Opened opened;
    opened.tenant = TenantId(static_cast<std::uint16_t>(i));
    opened.origins = names.places[i];
    opened.seed = whole_option("--seed", options.seed);
    opened.replication = whole_option("--replication", options.replication);
    for (auto& stream : traffic::open_parts(tenants[i], opened)) {
      opening.follows = opening.follows || stream->follows();
      opening.streams.push_back(
          std::make_unique<traffic::Unattended>(std::move(stream), traffic::NominalAnswer{}));
    }
  }
  return opening;
}

struct Limits {
  Instant until = Instant::never();
  std::uint64_t requests = std::numeric_limits<std::uint64_t>::max();
};

Limits limits_of(const TraceGenerateOptions& options, const std::vector<Tenant>& tenants) {
  Limits limits;
  if (!options.duration.empty()) {
    limits.until = Instant(0) + duration_option("--duration", options.duration);
  }
  if (!options.requests.empty()) limits.requests = whole_option("--requests", options.requests);
  if (!options.duration.empty() || !options.requests.empty()) return limits;
  for (const Tenant& tenant : tenants) {
    if (tenant.ends()) continue;
    throw config::ConfigError(config::Mistake{
        options.workload,
        {},
        "",
        "'" + tenant.name + "' sends requests without end; give --duration or --requests"});
  }
  return limits;
}

}  // namespace

int trace_generate(const TraceGenerateOptions& options) {
  const std::vector<Tenant> tenants = load(options.workload);
  const Limits limits = limits_of(options, tenants);
  const traffic::RequestNames names(tenants);
  Opening opening = open_all(tenants, names, options);
  traffic::Bulk bulk(std::move(opening.streams), options.out.ends_with(".h5")
                                                     ? traffic::Bulk::Keep::requests
                                                     : traffic::Bulk::Keep::requests_and_pieces);
  const auto sink =
      traffic::open_sink(options.out, tenants, names,
                         options.force ? results::Existing::replace : results::Existing::refuse);
  const StopOnInterrupt stop;
  Progress progress(options.quiet ? Progress::Show::no : Progress::Show::if_terminal,
                    options.requests.empty() ? 0 : static_cast<double>(limits.requests));
  std::uint64_t written = 0;
  double last_s = 0;
  for (bool more = true; more;) {
    const auto& items = bulk.next();
    more = !items.empty();
    for (const traffic::Bulk::Item& item : items) {
      more = written < limits.requests && item.request.arrival < limits.until;
      if (!more) break;
      sink->add(item.request, item.pieces);
      last_s = item.request.arrival.value();
      ++written;
    }
    stop.check();
    progress.update(Instant(last_s), static_cast<std::int64_t>(written));
  }
  if (written == 0) {
    throw config::ConfigError(config::Mistake{
        options.workload, {}, "", "has no request in that time; give a longer --duration"});
  }
  sink->finish();
  fmt::print("{} requests over {:.6g} s in {}\n", written, last_s, options.out);
  if (opening.follows) {
    const traffic::NominalAnswer answer;
    fmt::print(
        "assumed: answers that sessions wait for take {} s and {} s for each further "
        "token; a fleet would tell\n",
        answer.first_token.value(), answer.per_token.value());
  }
  return 0;
}

}  // namespace tokenyard::commands
