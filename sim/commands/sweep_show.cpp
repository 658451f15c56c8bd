// SPDX-License-Identifier: Apache-2.0
#include "commands/sweep_show.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <thread>

#include "commands/forked.hpp"
#include "commands/run.hpp"
#include "commands/sweep_report.hpp"
#include "network/platform.hpp"
#include "sweep/runs.hpp"

namespace tokenyard::commands {
namespace {

constexpr std::size_t most_looked = 64;
constexpr double timed_requests = 20'000;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Runs the beginning of a point, as many requests as tell something.
std::string time_a_run(const sweep::Study& study, const sweep::Points& points,
                       const sweep::Point& point) {
  sweep::Run run;
  run.point = static_cast<std::uint32_t>(point.number - 1);
  // As in a sweep, where files are read and platforms loaded once for many runs.
  const network::Platform platform =
      network::Platform::load(sweep::read_run(study, points, run).platform);
  const auto start = std::chrono::steady_clock::now();
  fleet::Scenario scenario = sweep::read_run(study, points, run);
  const double expected = scenario.expected_requests();
  if (expected > timed_requests) {
    if (scenario.until == Instant::never()) return "";
    scenario.until = Instant(scenario.until.value() * timed_requests / expected);
    scenario.warm_up = Instant(0);
  }
  RunOptions options;
  options.quiet = true;
  const Ran ran = simulate(std::move(scenario), platform, options);
  return nlohmann::json{{"requests", ran.summary.totals.arrived},
                        {"run_s", ran.wall_s},
                        {"setup_s", seconds_since(start) - ran.wall_s}}
      .dump();
}

// In a child, because SimGrid takes one run a process.
Pace timed(const sweep::Study& study, const sweep::Points& points) {
  Pace pace;
  const std::vector<const sweep::Point*> kept = points.kept();
  if (kept.empty()) return pace;
  const sweep::Point& point = *kept[kept.size() / 2];
  forked(
      1, [&](std::size_t) { return time_a_run(study, points, point); },
      [&](std::size_t, const Outcome& done) {
        if (done.code != 0 || done.text.empty()) return;
        const auto found = nlohmann::json::parse(done.text);
        const auto requests = found.at("requests").get<double>();
        const auto run_s = found.at("run_s").get<double>();
        if (requests < 1 || run_s <= 0) return;
        pace = {requests / run_s, found.at("setup_s").get<double>(), requests, point.number};
      });
  return pace;
}

void count(SweepReport& report) {
  report.kept = report.points.kept().size();
  double sum = 0, least = std::numeric_limits<double>::infinity();
  for (const sweep::DryRun::Looked& looked : report.dry_run.looked) {
    report.equal += looked.equal_to != nullptr ? 1 : 0;
    sum += looked.requests;
    least = std::min(least, looked.requests);
    report.requests_most = std::max(report.requests_most, looked.requests);
  }
  if (report.dry_run.looked.empty()) return;
  report.requests_least = least;
  report.requests_mean = sum / static_cast<double>(report.dry_run.looked.size());
}

}  // namespace

double SweepReport::core_seconds() const {
  // A search simulates values, and at last the one it found.
  const double simulations = study.goal ? sweep::expected_values(study.goal->range) + 1 : 1;
  return static_cast<double>(runs()) * simulations *
         (pace.setup_s + requests_mean / pace.requests_per_s);
}

int sweep_show(const SweepShowOptions& options) {
  SweepReport report;
  config::Reading reading;
  report.study = sweep::read_study(config::load_yaml(options.study), reading);
  reading.mistakes.throw_if_any();
  report.points = sweep::points_of(report.study);
  // Before the dry run: reading traffic may start threads, and a process that has must not fork.
  report.pace = timed(report.study, report.points);
  report.cores = std::max(1U, std::thread::hardware_concurrency());
  const std::size_t most = options.all ? report.points.all.size() : most_looked;
  report.dry_run = sweep::dry_run(report.study, report.points, most, reading.mistakes);
  reading.mistakes.throw_if_any();
  count(report);
  fmt::print("{}", options.json ? sweep_json(report) : sweep_table(report));
  return 0;
}

}  // namespace tokenyard::commands
