// SPDX-License-Identifier: Apache-2.0
#include "commands/run.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <chrono>
#include <ctime>

#include "commands/assemble.hpp"
#include "commands/check.hpp"
#include "commands/interrupt.hpp"
#include "commands/load.hpp"
#include "commands/option_values.hpp"
#include "commands/run_survive.hpp"
#include "commands/run_variants.hpp"
#include "commands/summary_table.hpp"
#include "commands/terminal.hpp"
#include "fleet/recorder.hpp"
#include "fleet/result_file.hpp"
#include "fleet/summary.hpp"
#include "network/platform.hpp"
#include "network/transfers.hpp"

namespace tokenyard::commands {
namespace {

using fleet::Scenario;

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
  if (options.also_write) options.also_write(*writer);
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
  const bool all = options.variant.empty() && !file.variants.empty();
  if (load_document(options.scenario, sets_of(options)).root.find("survive") != nullptr) {
    if (!all) return run_survive(options);
    throw config::ConfigError(
        config::Mistake{options.scenario,
                        {},
                        "survive",
                        "is not simulated for all variants; choose one with --variant"});
  }
  if (all) return run_variants(options, file);

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
