// SPDX-License-Identifier: Apache-2.0
#include "commands/point_runner.hpp"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>

#include "commands/goal_seek.hpp"
#include "commands/run.hpp"
#include "results/file.hpp"
#include "sweep/point_file.hpp"
#include "sweep/runs.hpp"
#include "sweep/tally.hpp"

namespace tokenyard::commands {
namespace {

// The shortest digits that say the same value.
std::string text_of(const std::vector<double>& values) {
  std::string text;
  for (const double value : values) text += fmt::format("{} ", value);
  return text;
}

}  // namespace

void PointRunner::prepare(std::size_t run) {
  // Read here, files are known to all children.
  const fleet::Scenario scenario = sweep::read_run(sweep_.study, sweep_.points, sweep_.runs[run]);
  platform_.emplace(network::Platform::load(scenario.platform));
  results::start_library();
}

std::string PointRunner::run(std::size_t number) {
  const sweep::Run& run = sweep_.runs[number];
  // Another sweep on the same directory may have been faster.
  const std::string file = directory_.point(run.identity);
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return simulated(run);
  try {
    return text_of(sweep::measured_of(sweep_.study, sweep::read_point(file).metrics));
  } catch (const config::ConfigError&) {
    return simulated(run);  // it is damaged
  }
}

std::string PointRunner::simulated(const sweep::Run& run) const {
  fleet::Scenario scenario = sweep::read_run(sweep_.study, sweep_.points, run);
  if (sweep::run_identity(sweep_.study, scenario.identity) != run.identity) {
    throw config::ConfigError(config::Mistake{
        sweep_.study.file,
        {},
        "",
        "a file that its scenarios read has changed since the sweep was begun; go on with what it "
        "says now: tokenyard sweep run STUDY --out DIR --update"});
  }
  sweep::Metrics sought;
  if (sweep_.study.goal) {
    Sought found = seek_goal(sweep_, run, *platform_);
    sought = std::move(found.metrics);
    scenario = scenario_at(sweep_, run, found.value);
  }
  sweep::Metrics metrics;
  RunOptions options;
  options.scenario = sweep_.study.scenario.file;
  options.out = directory_.point(run.identity);
  options.force = true;
  options.quiet = true;
  options.command_line = "tokenyard sweep run " + sweep_.study.file;
  options.tables = false;  // hundreds of columns, which take longer to write than many a run
  const std::string canonical = scenario.canonical;
  options.also_write = [&](results::Writer& writer, const fleet::Summary& summary) {
    metrics = sweep::metrics_of(summary);
    metrics.insert(sought.begin(), sought.end());
    sweep::write_metrics(writer, run.identity, metrics);
    writer.text("/scenario", canonical);
  };
  simulate(std::move(scenario), *platform_, options);
  return text_of(sweep::measured_of(sweep_.study, metrics));
}

std::vector<double> values_of(const std::string& reply) {
  std::vector<double> values;
  const char* at = reply.data();
  const char* const end = at + reply.size();
  for (double value = 0; at != end; ++at) {
    const auto [after, error] = std::from_chars(at, end, value);
    if (error != std::errc() || after == end) break;
    values.push_back(value);
    at = after;  // at the blank
  }
  return values;
}

}  // namespace tokenyard::commands
