// SPDX-License-Identifier: Apache-2.0
#include "commands/simulate.hpp"

#include <chrono>
#include <optional>

#include "commands/assemble.hpp"
#include "commands/interrupt.hpp"
#include "commands/provenance.hpp"
#include "commands/run.hpp"
#include "commands/terminal.hpp"
#include "core/contracts.hpp"
#include "fleet/recorder.hpp"
#include "fleet/result_file.hpp"

namespace tokenyard::commands {
namespace {

using fleet::Scenario;

void write_provenance(results::Writer& writer, const Scenario& scenario,
                      const RunOptions& options) {
  const Provenance provenance = provenance_now();
  writer.attribute("/", "title", scenario.name);
  writer.attribute("/", "identity", scenario.identity);
  writer.attribute("/", "seed", static_cast<std::int64_t>(scenario.seed));
  writer.attribute("/", "replication", static_cast<std::int64_t>(scenario.replication));
  writer.attribute("/", "version", provenance.version);
  writer.attribute("/", "commit", provenance.commit);
  writer.attribute("/", "command", options.command_line);
  writer.attribute("/", "scenario_file", options.scenario);
  if (!options.variant.empty()) writer.attribute("/", "variant", options.variant);
  writer.attribute("/", "platform_file", scenario.platform_file);
  writer.attribute("/", "host", provenance.host);
  writer.attribute("/", "date", provenance.date);
  for (std::size_t i = 0; i < scenario.tenants.size(); ++i) {
    writer.attribute("/", "traffic_" + scenario.tenants[i].name, scenario.tenants[i].stands_on);
  }
}

// What a run leaves in its file, while it goes on.
struct Written {
  std::optional<results::Writer> writer;
  results::Background background;
  std::optional<results::RequestTable> table;
  std::optional<fleet::TraceLog> trace;

  Written(const Scenario& scenario, const RunOptions& options) {
    if (options.out.empty()) return;
    writer.emplace(options.out,
                   options.force ? results::Existing::replace : results::Existing::refuse);
    if (scenario.keep.requests > 0) {
      table.emplace(*writer, background, fleet::table_names(scenario), scenario.warm_up);
    }
    if (scenario.keep.trace) trace.emplace(*scenario.keep.trace, *writer, background);
  }

  void finish() {
    if (table) table->finish();
    if (trace) trace->finish();
  }
};

// Runs the simulation to its end, and says how long that took.
fleet::Totals timed(fleet::SimulationInput input, double& wall_s) {
  const auto start = std::chrono::steady_clock::now();
  const fleet::Totals totals = fleet::Simulation(std::move(input)).run();
  wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return totals;
}

}  // namespace

Ran simulate(Scenario read, const network::Platform& platform, const RunOptions& options) {
  Ran ran;
  ran.scenario = std::move(read);
  const Scenario& scenario = ran.scenario;
  SIM_ENSURE(platform.clusters().size() == scenario.layout.clusters.size());

  const StopOnInterrupt stop;
  Written file(scenario, options);
  results::RequestTable* table = file.table ? &*file.table : nullptr;
  fleet::Recorder recorder(scenario, table, file.trace ? &*file.trace : nullptr);
  recorder.stop_rule = options.stop_rule;
  Parts parts;
  fleet::SimulationInput input = assemble(scenario, platform, recorder, parts);
  for (std::size_t i = 0; file.trace && i < input.pools.size(); ++i) {
    input.pools[i].log = file.trace->of_pool(i);
  }
  input.leaping = options.no_leap ? serving::Leaping::off : serving::Leaping::on;
  std::optional<Progress> progress;
  progress.emplace(options.quiet ? Progress::Show::no : Progress::Show::if_terminal,
                   scenario.expected_requests());
  recorder.on_progress = [&progress, &stop](Instant now, std::int64_t requests) {
    stop.check();
    progress->update(now, requests);
  };
  const fleet::Totals totals = timed(std::move(input), ran.wall_s);
  progress.reset();

  file.finish();
  ran.summary = fleet::summarise(scenario, recorder, totals, table);
  if (!file.writer) return ran;
  if (options.tables) fleet::write_results(*file.writer, scenario, recorder, ran.summary);
  if (options.also_write) options.also_write(*file.writer, ran.summary);
  write_provenance(*file.writer, scenario, options);
  stop.check();
  ran.digest = file.writer->commit();
  return ran;
}

Ran simulate(Scenario scenario, const RunOptions& options) {
  const network::Platform platform = network::Platform::load(scenario.platform);
  return simulate(std::move(scenario), platform, options);
}

Ran simulate(const RunOptions& options) { return simulate(load_scenario(options), options); }

}  // namespace tokenyard::commands
