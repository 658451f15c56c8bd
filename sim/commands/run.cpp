// SPDX-License-Identifier: Apache-2.0
#include "commands/run.hpp"

#include <fmt/format.h>

#include "commands/check.hpp"
#include "commands/load.hpp"
#include "commands/option_values.hpp"
#include "commands/run_survive.hpp"
#include "commands/run_variants.hpp"
#include "commands/summary_table.hpp"

namespace tokenyard::commands {
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
