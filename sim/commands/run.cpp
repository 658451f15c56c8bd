// SPDX-License-Identifier: Apache-2.0
#include "commands/run.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <chrono>
#include <ctime>

#include "commands/interrupt.hpp"
#include "commands/load.hpp"
#include "commands/summary_table.hpp"
#include "commands/terminal.hpp"
#include "fleet/recorder.hpp"
#include "fleet/result_file.hpp"
#include "fleet/summary.hpp"
#include "model/affine.hpp"
#include "network/platform.hpp"
#include "network/transfers.hpp"

namespace tokenyard::commands {
namespace {

using fleet::Scenario;

Scenario load_scenario(const RunOptions& options) {
  std::vector<std::string> sets = options.sets;
  if (!options.seed.empty()) sets.push_back("seed=" + options.seed);
  if (!options.until.empty()) {
    const config::ParsedQuantity until =
        config::parse_quantity(options.until, config::Dimension::duration);
    const bool past = until.problem.empty() && until.value <= 0;
    if (past || !until.problem.empty()) {
      throw config::ConfigError(
          config::Mistake{"--until",
                          {},
                          "",
                          past ? "'" + options.until + "' is not after the start" : until.problem});
    }
    sets.push_back("duration=" + options.until);
  }
  const config::Document document = load_document(options.scenario, sets);
  config::Reading reading;
  Scenario scenario = fleet::read_scenario(document, reading);
  reading.mistakes.throw_if_any();
  return scenario;
}

// What a run owns beside its scenario; the simulation points into it.
struct Parts {
  std::vector<std::unique_ptr<traffic::Arrivals>> streams;
  std::vector<std::unique_ptr<serving::Batcher>> batchers;
  std::vector<std::unique_ptr<model::IterationTime>> times;
  std::optional<network::Transfers> transfers;
};

std::unique_ptr<model::IterationTime> iteration_time(const fleet::PoolPlan& plan) {
  if (plan.affine) return std::make_unique<model::Affine>(*plan.affine);
  return std::make_unique<model::Roofline>(plan.time);
}

fleet::HandOverPlan hand_over(const Scenario& scenario, const fleet::PoolPlan& from,
                              const network::Platform& platform) {
  const fleet::PoolPlan& to = scenario.pools[from.next_pool];
  const auto kv = static_cast<std::size_t>(from.deployment.kv);
  fleet::HandOverPlan plan;
  plan.rules = from.hand_over;
  plan.to = from.next_pool;
  plan.per_token = *from.deployment.shape->kv_per_token[kv];
  const auto& fixed = from.deployment.shape->kv_fixed;
  plan.fixed = (fixed[kv] ? fixed[kv] : fixed[0]).value_or(Bytes(0));
  if (from.shares_links) return plan;
  const network::NodeRange a = from.nodes_of(0);
  const network::NodeRange b = to.nodes_of(0);
  plan.wire = {platform.latency(a.first, b.first),
               platform.bandwidth(a.first, b.first) * std::min(a.count, b.count)};
  return plan;
}

fleet::Simulation::PoolInput pool_of(const Scenario& scenario, const fleet::PoolPlan& plan,
                                     const network::Platform& platform, Parts& parts) {
  parts.batchers.push_back(plan.batcher->make());
  parts.times.push_back(iteration_time(plan));
  fleet::Simulation::PoolInput pool;
  pool.name = plan.name;
  pool.replicas = static_cast<std::size_t>(plan.replicas);
  pool.limits = plan.limits;
  pool.batcher = parts.batchers.back().get();
  pool.engine = &plan.engine;
  pool.time = parts.times.back().get();
  pool.router = scenario.router->make();
  if (plan.role != fleet::PoolRole::decode) pool.models = {plan.model};
  if (plan.role == fleet::PoolRole::mixed) return pool;
  for (std::int64_t i = 0; i < plan.replicas; ++i) pool.nodes.push_back(plan.nodes_of(i));
  if (plan.role == fleet::PoolRole::prefill) pool.hand_over = hand_over(scenario, plan, platform);
  return pool;
}

fleet::Simulation::Input assemble(const Scenario& scenario, const network::Platform& platform,
                                  fleet::Recorder& recorder, Parts& parts) {
  fleet::Simulation::Input input;
  for (std::size_t i = 0; i < scenario.tenants.size(); ++i) {
    parts.streams.push_back(traffic::open_tenant(scenario.tenants[i], scenario.openings[i]));
    input.streams.push_back(parts.streams.back().get());
    const traffic::Tenant& tenant = scenario.tenants[i];
    input.clients.push_back({tenant.timeout, tenant.retry, tenant.quota});
  }
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    input.pools.push_back(pool_of(scenario, scenario.pools[i], platform, parts));
    input.pools.back().gaps = recorder.gaps_of(i);
    const auto& plan = input.pools.back().hand_over;
    if (plan && !plan->wire && !parts.transfers) parts.transfers.emplace(platform);
  }
  if (parts.transfers) input.transfers = &*parts.transfers;
  input.observer = &recorder;
  input.until = scenario.until;
  input.observe_every = scenario.keep.series;
  input.seed = scenario.seed;
  input.replication = scenario.replication;
  return input;
}

void write_provenance(results::Writer& writer, const Scenario& scenario,
                      const RunOptions& options) {
  utsname host{};
  ::uname(&host);
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  writer.attribute("/", "title", scenario.name);
  writer.attribute("/", "identity", scenario.identity);
  writer.attribute("/", "seed", static_cast<std::int64_t>(scenario.seed));
  writer.attribute("/", "replication", static_cast<std::int64_t>(scenario.replication));
  writer.attribute("/", "version", std::string(TOKENYARD_VERSION));
  writer.attribute("/", "commit", std::string(TOKENYARD_COMMIT));
  writer.attribute("/", "command", options.command_line);
  writer.attribute("/", "scenario_file", options.scenario);
  writer.attribute("/", "platform_file", scenario.platform_file);
  writer.attribute("/", "host", std::string(host.nodename));
  writer.attribute("/", "date", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", utc));
  for (std::size_t i = 0; i < scenario.tenants.size(); ++i) {
    writer.attribute("/", "traffic_" + scenario.tenants[i].name, scenario.tenants[i].stands_on);
  }
}

}  // namespace

fleet::Summary summary_of(const RunOptions& options) {
  const Scenario scenario = load_scenario(options);
  const network::Platform platform = network::Platform::load(scenario.platform_file);
  fleet::Recorder recorder(scenario, nullptr, nullptr);
  Parts parts;
  fleet::Simulation::Input input = assemble(scenario, platform, recorder, parts);
  const fleet::Totals totals = fleet::Simulation(std::move(input)).run();
  return fleet::summarise(scenario, recorder, totals, nullptr);
}

int run(const RunOptions& options) {
  const Scenario scenario = load_scenario(options);
  const network::Platform platform = network::Platform::load(scenario.platform_file);
  SIM_ENSURE(platform.clusters().size() == scenario.layout.clusters.size());

  std::optional<results::Writer> writer;
  results::Background background;
  std::optional<results::RequestTable> table;
  if (!options.out.empty()) {
    writer.emplace(options.out,
                   options.force ? results::Existing::replace : results::Existing::refuse);
    if (scenario.keep.requests > 0)
      table.emplace(*writer, background, table_names(scenario), scenario.warm_up);
  }
  std::optional<fleet::TraceLog> trace;
  if (writer && scenario.keep.trace) trace.emplace(*scenario.keep.trace, *writer, background);
  fleet::Recorder recorder(scenario, table ? &*table : nullptr, trace ? &*trace : nullptr);
  Parts parts;
  fleet::Simulation::Input input = assemble(scenario, platform, recorder, parts);
  for (std::size_t i = 0; trace && i < input.pools.size(); ++i) {
    input.pools[i].log = trace->of_pool(i);
  }
  input.leaping = options.no_leap ? serving::Leaping::off : serving::Leaping::on;

  const auto start = std::chrono::steady_clock::now();
  fleet::Totals totals;
  {
    Progress progress(options.quiet ? Progress::Show::no : Progress::Show::if_terminal,
                      scenario.expected_requests());
    const StopOnInterrupt stop;
    recorder.on_progress = [&progress, &stop](Instant now, std::int64_t requests) {
      stop.check();
      progress.update(now, requests);
    };
    totals = fleet::Simulation(std::move(input)).run();
  }
  const double wall =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  if (table) table->finish();
  if (trace) trace->finish();
  const fleet::Summary summary =
      fleet::summarise(scenario, recorder, totals, table ? &*table : nullptr);
  std::string digest;
  if (writer) {
    fleet::write_results(*writer, scenario, recorder, summary);
    write_provenance(*writer, scenario, options);
    digest = writer->commit();
  }
  fmt::print("{}", summary_table(scenario, summary));
  if (!options.quiet) {
    fmt::print(stderr, "{} requests in {:.2f} s ({:.0f} requests/s)\n", totals.arrived, wall,
               static_cast<double>(totals.arrived) / wall);
  }
  if (writer) fmt::print("results  {} (digest {}...)\n", options.out, digest.substr(0, 16));
  return 0;
}

}  // namespace tokenyard::commands
