// SPDX-License-Identifier: Apache-2.0
#include "commands/run.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <chrono>
#include <ctime>

#include "commands/check.hpp"
#include "commands/interrupt.hpp"
#include "commands/load.hpp"
#include "commands/option_values.hpp"
#include "commands/run_variants.hpp"
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
  const std::vector<std::string> sets = sets_of(options);
  config::Reading reading;
  if (options.variant.empty()) {
    Scenario scenario = fleet::read_scenario(load_document(options.scenario, sets), reading);
    reading.mistakes.throw_if_any();
    return scenario;
  }
  const VariantFile file = load_variants(options.scenario, sets, reading);
  reading.mistakes.throw_if_any();
  const fleet::Variant& variant = variant_of(file, options.variant);
  reading = {};
  const config::Document document = file.scenario_of(variant, reading.mistakes);
  Scenario scenario = fleet::read_scenario(document, reading);
  config::Mistakes named;
  for (const config::Mistake& mistake : reading.mistakes.all()) {
    named.add(fleet::in_variant(variant.name, mistake));
  }
  named.throw_if_any();
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
  if (plan.wafer) return std::make_unique<model::Wafer>(plan.wafer->time);
  return std::make_unique<model::Roofline>(plan.time);
}

// The narrowest link of a route, as often as node pairs share the bytes.
fleet::Wire wire_between(network::NodeRange a, network::NodeRange b,
                         const network::Platform& platform) {
  return {platform.latency(a.first, b.first),
          platform.bandwidth(a.first, b.first) * std::min(a.count, b.count)};
}

fleet::HandOverPlan hand_over(const Scenario& scenario, const fleet::PoolPlan& from,
                              const network::Platform& platform) {
  const fleet::PoolPlan& to = scenario.pools[from.next_pool];
  fleet::HandOverPlan plan;
  plan.rules = from.hand_over;
  plan.to = from.next_pool;
  plan.layers = from.deployment.shape->layers;
  const auto [per_token, fixed] = fleet::sent_kv(from, to);
  plan.per_token = per_token;
  plan.fixed = fixed;
  if (from.shares_links) return plan;
  const network::NodeRange a = from.nodes_of(0);
  const network::NodeRange b = to.nodes_of(0);
  plan.wire =
      fleet::within_ports(wire_between(a, b, platform), from, to, std::min(a.count, b.count));
  return plan;
}

network::NodeRange nodes_of(const fleet::StorePlan& store) {
  return {network::NodeIndex{store.first_node}, static_cast<std::uint32_t>(store.nodes)};
}

fleet::PrefixStorePlan store_of(const fleet::PoolPlan& plan, const network::Platform& platform) {
  const fleet::StorePlan& store = *plan.store;
  fleet::PrefixStorePlan made;
  made.capacity = Blocks(store.memory.value() / plan.kept_block.value());
  made.block = plan.kept_block;
  made.nodes = nodes_of(store);
  if (store.shares_links) return made;
  const network::NodeRange own = plan.nodes_of(0);
  made.wire = fleet::within_ports(wire_between(made.nodes, own, platform), plan, plan,
                                  std::min(made.nodes.count, own.count));
  return made;
}

fleet::ColdStartPlan cold_start_of(const Scenario& scenario, const fleet::PoolPlan& plan) {
  fleet::ColdStartPlan made;
  made.store = nodes_of(scenario.stores[plan.cold_start->number].plan);
  made.weights = plan.room.weights * plan.deployment.data;
  made.start_up = plan.cold_start->start_up;
  return made;
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
  if (plan.store) pool.store = store_of(plan, platform);
  if (plan.cold_start) pool.cold_start = cold_start_of(scenario, plan);
  if (plan.role == fleet::PoolRole::mixed && !plan.store && !plan.cold_start) return pool;
  pool.nodes = plan.places;
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
    const fleet::Simulation::PoolInput& pool = input.pools.back();
    const bool shares = (pool.hand_over && !pool.hand_over->wire) ||
                        (pool.store && !pool.store->wire) || pool.cold_start;
    if (shares && !parts.transfers) parts.transfers.emplace(platform);
  }
  if (parts.transfers) {
    fleet::limit_ports(scenario, *parts.transfers);
    input.transfers = &*parts.transfers;
  }
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
  if (!options.variant.empty()) writer.attribute("/", "variant", options.variant);
  writer.attribute("/", "platform_file", scenario.platform_file);
  writer.attribute("/", "host", std::string(host.nodename));
  writer.attribute("/", "date", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", utc));
  for (std::size_t i = 0; i < scenario.tenants.size(); ++i) {
    writer.attribute("/", "traffic_" + scenario.tenants[i].name, scenario.tenants[i].stands_on);
  }
}

}  // namespace

std::vector<std::string> sets_of(const RunOptions& options) {
  std::vector<std::string> sets = options.sets;
  if (!options.seed.empty()) sets.push_back("seed=" + options.seed);
  if (options.until.empty()) return sets;
  const Duration until = duration_option("--until", options.until);
  if (until <= Duration(0)) {
    refuse_option("--until", config::in_quotes(options.until) + " is not after the start");
  }
  sets.push_back("duration=" + options.until);
  return sets;
}

Ran simulate(const RunOptions& options) { return simulate(load_scenario(options), options); }

Ran simulate(Scenario read, const RunOptions& options) {
  Ran ran;
  ran.scenario = std::move(read);
  const Scenario& scenario = ran.scenario;
  const network::Platform platform = network::Platform::load(scenario.platform);
  SIM_ENSURE(platform.clusters().size() == scenario.layout.clusters.size());

  const StopOnInterrupt stop;
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
    recorder.on_progress = [&progress, &stop](Instant now, std::int64_t requests) {
      stop.check();
      progress.update(now, requests);
    };
    totals = fleet::Simulation(std::move(input)).run();
  }
  ran.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  if (table) table->finish();
  if (trace) trace->finish();
  ran.summary = fleet::summarise(scenario, recorder, totals, table ? &*table : nullptr);
  if (!writer) return ran;
  fleet::write_results(*writer, scenario, recorder, ran.summary);
  write_provenance(*writer, scenario, options);
  stop.check();
  ran.digest = writer->commit();
  return ran;
}

int run(const RunOptions& options) {
  config::Reading reading;
  const VariantFile file = load_variants(options.scenario, sets_of(options), reading);
  if (!reading.mistakes.empty()) check_scenario(options.scenario, sets_of(options), reading);
  reading.mistakes.throw_if_any();
  if (options.variant.empty() && !file.variants.empty()) return run_variants(options, file);

  const Ran ran = simulate(options);
  fmt::print("{}", summary_table(ran.scenario, ran.summary));
  if (!options.quiet) {
    const std::int64_t requests = ran.summary.totals.arrived;
    fmt::print(stderr, "{} requests in {:.2f} s ({:.0f} requests/s)\n", requests, ran.wall_s,
               static_cast<double>(requests) / ran.wall_s);
  }
  if (!options.out.empty()) {
    fmt::print("results  {} (digest {}...)\n", options.out, ran.digest.substr(0, 16));
  }
  return 0;
}

}  // namespace tokenyard::commands
