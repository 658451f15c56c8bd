// SPDX-License-Identifier: Apache-2.0
#include "commands/run_variants.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "commands/check.hpp"
#include "commands/forked.hpp"
#include "commands/terminal.hpp"
#include "commands/variant_table.hpp"
#include "results/column_info.hpp"
#include "results/target.hpp"

namespace tokenyard::commands {
namespace {

// F.h5 -> F-NAME.h5
std::string file_of(const std::string& out, const std::string& variant) {
  if (out.empty()) return "";
  std::filesystem::path path = out;
  path.replace_filename(path.stem().string() + "-" + results::path_component(variant) +
                        path.extension().string());
  return path.string();
}

RunOptions options_of(const RunOptions& all, const fleet::Variant& variant) {
  RunOptions options = all;
  options.variant = variant.name;
  options.out = file_of(all.out, variant.name);
  options.quiet = true;  // children would draw over each other
  return options;
}

// What no variant can be written to is refused before any of them runs.
void check_files(const RunOptions& options, const std::vector<fleet::Variant>& variants) {
  if (options.out.empty()) return;
  config::Mistakes mistakes;
  for (const fleet::Variant& variant : variants) {
    try {
      const results::Target target(
          file_of(options.out, variant.name),
          options.force ? results::Existing::replace : results::Existing::refuse);
    } catch (const config::ConfigError& error) {
      mistakes.add(error.mistakes().front());
    }
  }
  mistakes.throw_if_any();
}

// In a child, because reading traffic may start threads, and a process that has must not fork.
int check_in_child(const RunOptions& options) {
  Outcome outcome;
  forked(
      1,
      [&options](std::size_t) {
        config::Reading reading;
        check_scenario(options.scenario, sets_of(options), reading);
        reading.mistakes.throw_if_any();
        return std::string();
      },
      [&outcome](std::size_t, Outcome done) { outcome = std::move(done); });
  if (outcome.code != 0) fmt::print(stderr, "{}\n", outcome.text);
  return outcome.code;
}

std::vector<Outcome> simulate_all(const RunOptions& options,
                                  const std::vector<fleet::Variant>& variants) {
  std::vector<Outcome> outcomes(variants.size());
  std::size_t done = 0;
  forked(
      variants.size(),
      [&](std::size_t i) { return packed(column_of(simulate(options_of(options, variants[i])))); },
      [&](std::size_t i, Outcome outcome) {
        outcomes[i] = std::move(outcome);
        if (!options.quiet) show_done(++done, variants.size(), "variants");
      });
  return outcomes;
}

std::string name_of(const RunOptions& options) {
  return load_document(options.scenario, sets_of(options)).root.find("name")->text;
}

}  // namespace

int run_variants(const RunOptions& options, const VariantFile& file) {
  const std::vector<fleet::Variant>& variants = file.variants;
  check_files(options, variants);
  if (const int code = check_in_child(options); code != 0) return code;

  const auto start = std::chrono::steady_clock::now();
  const std::vector<Outcome> outcomes = simulate_all(options, variants);
  const double wall =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  int code = 0;
  std::vector<Column> columns;
  std::string files;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    const std::string& name = variants[i].name;
    code = std::max(code, outcomes[i].code);
    columns.push_back(outcomes[i].code == 0 ? unpacked(outcomes[i].text) : Column{});
    columns.back().name = name;
    if (outcomes[i].code != 0) {
      fmt::print(stderr, "variant {}: {}\n", config::in_quotes(name), outcomes[i].text);
    } else if (!options.out.empty()) {
      files += fmt::format("results  {} (digest {}...)\n", file_of(options.out, name),
                           columns.back().digest.substr(0, 16));
    }
  }
  const bool none = std::all_of(columns.begin(), columns.end(),
                                [](const Column& column) { return column.cells.empty(); });
  if (!none) fmt::print("{}\n{}{}", name_of(options), variant_table(columns), files);
  if (!options.quiet) fmt::print(stderr, "{} variants in {:.2f} s\n", variants.size(), wall);
  return code;
}

}  // namespace tokenyard::commands
