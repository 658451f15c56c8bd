// SPDX-License-Identifier: Apache-2.0
#include "sweep/runs.hpp"

#include <nlohmann/json.hpp>

#include "config/errors.hpp"
#include "core/sha256.hpp"
#include "fleet/scenario.hpp"

namespace tokenyard::sweep {
namespace {

using nlohmann::json;

// What of a scenario's identity is left out and yet shows in its results.
std::string results_of(const config::Resolved& resolved) {
  std::string text;
  for (const auto& [path, entry] : resolved.entries) {
    if (path.starts_with("results.")) text += path + " " + entry.json + "\n";
  }
  return text;
}

Listed list_of(const Study& study, const Point& point, const fleet::Scenario& scenario) {
  Listed listed;
  listed.platform = sha256_hex(scenario.platform.text);
  const auto number = static_cast<std::uint32_t>(point.number - 1);
  for (std::uint32_t r = 0; r < study.replications; ++r) {
    const std::string identity =
        study.replications == 1 ? scenario.identity
                                : scenario.identity_of_replication(study.first_replication + r);
    listed.runs.push_back(
        {number, r, run_identity(study, identity), 0, scenario.expected_requests()});
  }
  return listed;
}

std::vector<Run> refused(const Study& study, const Point& point) {
  std::vector<Run> runs;
  for (std::uint32_t r = 0; r < study.replications; ++r) {
    runs.push_back({static_cast<std::uint32_t>(point.number - 1), r, "", 0, 0});
  }
  return runs;
}

}  // namespace

fleet::Scenario read_run(const Study& study, const Points& points, const Run& run) {
  config::Reading reading;
  const config::Document document =
      scenario_of(study, points, points.all[run.point], run.replication, reading.mistakes);
  fleet::Scenario scenario = fleet::read_scenario(document, reading);
  reading.mistakes.throw_if_any();
  return scenario;
}

Listed list_runs(const Study& study, const Points& points, const Point& point) {
  config::Reading reading;
  try {
    const config::Document document = scenario_of(study, points, point, 0, reading.mistakes);
    const fleet::Scenario scenario = fleet::read_scenario(document, reading);
    reading.mistakes.throw_if_any();
    Listed listed = list_of(study, point, scenario);
    listed.results = results_of(reading.resolved);
    return listed;
  } catch (const config::ConfigError& error) {
    return {refused(study, point), "", "", error.what()};
  }
}

std::string packed(const std::vector<Listed>& listed) {
  json all = json::array();
  for (const Listed& one : listed) {
    json runs = json::array();
    for (const Run& run : one.runs) {
      runs.push_back({run.point, run.replication, run.identity, run.requests});
    }
    all.push_back({runs, one.platform, one.results, one.refusal});
  }
  return all.dump();
}

std::vector<Listed> unpacked(const std::string& text) {
  std::vector<Listed> listed;
  for (const json& one : json::parse(text)) {
    Listed& next = listed.emplace_back();
    for (const json& run : one[0]) {
      next.runs.push_back({run[0].get<std::uint32_t>(), run[1].get<std::uint32_t>(),
                           run[2].get<std::string>(), 0, run[3].get<double>()});
    }
    next.platform = one[1].get<std::string>();
    next.results = one[2].get<std::string>();
    next.refusal = one[3].get<std::string>();
  }
  return listed;
}

void add(Sweep& sweep, const Listed& listed) {
  std::uint32_t platform = 0;
  if (listed.refusal.empty()) {
    if (sweep.results.empty()) sweep.results = listed.results;
    const auto next = static_cast<std::uint32_t>(sweep.platforms.size());
    platform = sweep.platforms.emplace(listed.platform, next).first->second;
  } else {
    sweep.refusals.push_back({sweep.runs.size(), listed.refusal});
  }
  for (Run run : listed.runs) {
    run.platform = platform;
    sweep.runs.push_back(std::move(run));
  }
}

}  // namespace tokenyard::sweep
