// SPDX-License-Identifier: Apache-2.0
#include "commands/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "commands/load.hpp"
#include "commands/strict.hpp"
#include "fleet/scenario.hpp"
#include "network/platform.hpp"
#include "sweep/dry_run.hpp"
#include "traffic/forecast.hpp"
#include "traffic/places.hpp"
#include "traffic/trace.hpp"

namespace tokenyard::commands {
namespace {

using config::Document;
using config::Mistakes;
using config::Reading;

void check_one(const Document& document, Reading& reading) {
  const fleet::Scenario scenario = fleet::read_scenario(document, reading);
  if (!scenario.platform.text.empty()) {
    network::Platform::check(scenario.platform, reading.mistakes);
  }
}

// A study: what it says, and the scenarios of its points, or of a sample of them.
void check_study(const Document& document, Reading& reading) {
  constexpr std::size_t most_points = 64;
  const sweep::Study study = sweep::read_study(document, reading);
  if (!reading.mistakes.empty()) return;
  sweep::dry_run(study, sweep::points_of(study), most_points, reading.mistakes);
}

void check_yaml(const std::string& path, const CheckOptions& options, Reading& reading) {
  const Document document = load_document(path, options.sets);
  const config::Value& root = document.root;
  if (root.find("axes") != nullptr || root.find("scenario") != nullptr) {
    return check_study(document, reading);
  }
  if (root.find("fleet") != nullptr) return check_scenario(path, options.sets, reading);
  if (traffic::is_forecast(document)) {
    traffic::read_forecast(document, fleet::home(), reading);
    return;
  }
  for (const char* part : {"arrivals", "clients", "tenants"}) {
    if (root.find(part) == nullptr) continue;
    traffic::load_tenants(document, fleet::home(), reading);
    return;
  }
  if (root.find("rules") != nullptr) return fleet::check_rules(document, reading);
  if (root.find("places") != nullptr) {
    traffic::load_places(path, reading.mistakes);
    traffic::load_zones(path, reading.mistakes);
    return;
  }
  if (root.find("layers") != nullptr) {
    catalog::load_model(path, reading.mistakes);
    return;
  }
  if (root.find("faults") != nullptr) return fleet::check_fault_profile(document, reading);
  if (catalog::is_catalog_file(root)) {
    catalog::load_catalog(std::filesystem::path(path).parent_path().string(), reading.mistakes);
    return;
  }
  reading.mistakes.add(
      {path,
       {1, 1},
       "",
       "is no scenario (fleet), study (axes), workload (arrivals, clients, tenants "
       "or forecast), model (layers), profile of faults, rules, places or catalogue file; see "
       "configs/ and workloads/ for examples"});
}

bool is_trace(const std::string& name) {
  static constexpr std::array<std::string_view, 4> endings = {".csv", ".jsonl", ".gz", ".h5"};
  return std::any_of(endings.begin(), endings.end(),
                     [&name](std::string_view ending) { return name.ends_with(ending); });
}

void check_file(const std::string& path, const CheckOptions& options, Reading& reading) {
  const std::string name = std::filesystem::path(path).filename().string();
  if (name.ends_with(".xml")) {
    network::Platform::check(path, reading.mistakes);
  } else if (is_trace(name)) {
    traffic::scan_trace(path, reading.mistakes);
  } else {
    check_yaml(path, options, reading);
  }
}

}  // namespace

void check_scenario(const std::string& path, const std::vector<std::string>& sets,
                    Reading& reading) {
  const VariantFile file = load_variants(path, sets, reading);
  check_one(load_document(path, sets), reading);
  if (!reading.mistakes.empty()) return;
  for (const fleet::Variant& variant : file.variants) {
    Reading own;
    try {
      check_one(file.scenario_of(variant, own.mistakes), own);
    } catch (const config::ConfigError& error) {
      for (const config::Mistake& mistake : error.mistakes()) own.mistakes.add(mistake);
    }
    for (const config::Mistake& mistake : own.mistakes.all()) {
      reading.mistakes.add(fleet::in_variant(variant.name, mistake));
    }
  }
}

int check(const CheckOptions& options) {
  int code = 0;
  for (const std::string& path : options.files) {
    Reading reading;
    std::string marks;
    try {
      check_file(path, options, reading);
      if (options.strict && reading.mistakes.empty()) {
        marks = shown(path, marks_of(path, options.sets, reading.mistakes));
      }
    } catch (const config::ConfigError& error) {
      for (const config::Mistake& mistake : error.mistakes()) reading.mistakes.add(mistake);
    }
    for (const config::Mistake& mistake : reading.mistakes.all()) {
      fmt::print(stderr, "{}\n", config::describe(mistake));
    }
    if (!reading.mistakes.empty()) code = 2;
    if (options.explain) fmt::print("{}", explain(reading.resolved));
    if (reading.mistakes.empty()) fmt::print("{}{}: ok\n", marks, path);
  }
  return code;
}

}  // namespace tokenyard::commands
