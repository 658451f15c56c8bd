// SPDX-License-Identifier: Apache-2.0
#include "commands/list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>

#include "fleet/scenario.hpp"
#include "sweep/study.hpp"
#include "traffic/trace.hpp"

namespace tokenyard::commands {
namespace {

namespace fs = std::filesystem;

void line(std::string_view name, std::string_view summary) {
  fmt::print("  {:<22} {}\n", name, summary);
}

template <class Entries>
void list_entries(const Entries& entries) {
  for (const auto& entry : entries) line(entry.name, entry.summary);
}

catalog::Catalog shipped_catalog() {
  config::Mistakes mistakes;
  catalog::Catalog catalog =
      catalog::load_catalog((fs::path(fleet::home()) / "platforms" / "catalog").string(), mistakes);
  mistakes.throw_if_any();
  return catalog;
}

void list_accelerators() {
  for (const auto& [name, a] : shipped_catalog().accelerators) {
    line(name, fmt::format("{:.0f} GB, {:.3g} TB/s, {:.0f} W",
                           static_cast<double>(a.memory.value()) / 1e9,
                           a.memory_bandwidth.value() / 1e12, a.busy.value()));
  }
}

void list_engines() {
  for (const fleet::EnginePreset& preset : fleet::engine_presets()) {
    const std::string_view text = preset.follows;
    line(preset.name, text.substr(0, text.find(';')));
  }
}

void list_racks() {
  for (const auto& [name, rack] : shipped_catalog().racks) {
    line(name,
         fmt::format("{} nodes of {} x {}", rack.nodes, rack.chips_per_node, rack.accelerator));
  }
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.is_regular_file(error)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void list_models() {
  for (const fs::path& file : files_in(fs::path(fleet::home()) / "workloads" / "models")) {
    config::Mistakes mistakes;
    const catalog::ModelShape model = catalog::load_model(file.string(), mistakes);
    mistakes.throw_if_any();
    line(model.name,
         fmt::format("{:.1f} billion parameters, {} layers", model.parameters / 1e9, model.layers));
  }
}

void list_traces() {
  list_entries(traffic::trace_formats());
  std::vector<fs::path> folders = {fs::path(fleet::home()) / "workloads" / "traces"};
  if (const char* data = std::getenv("TOKENYARD_DATA"))
    folders.push_back(fs::path(data) / "traces");
  for (const fs::path& folder : folders) {
    for (const fs::path& file : files_in(folder))
      line(file.filename().string(), "in " + folder.string());
  }
}

void list_metrics() {
  std::vector<sweep::Metric> all = sweep::metrics();
  const auto& of_goal = sweep::goal_metrics();
  all.insert(all.end(), of_goal.begin(), of_goal.end());
  for (const sweep::Metric& metric : all) {
    const bool of_run = metric.of == sweep::MetricOf::run;
    const std::string part(sweep::part_nouns[static_cast<std::size_t>(metric.of)]);
    fmt::print("  {:<45} {:<4} {}{}\n", of_run ? metric.name : metric.name + "[...]", metric.unit,
               metric.summary, of_run ? "" : "; by " + part);
  }
}

struct Listing {
  std::string_view name;
  std::function<void()> print;
};

const std::vector<Listing>& listings() {
  static const std::vector<Listing> all = {
      {"routers", [] { list_entries(fleet::routers()); }},
      {"pool-routers", [] { list_entries(fleet::pool_routers()); }},
      {"autoscalers", [] { list_entries(fleet::autoscalers()); }},
      {"batchers", [] { list_entries(serving::batchers()); }},
      {"engines", list_engines},
      {"accelerators", list_accelerators},
      {"racks", list_racks},
      {"models", list_models},
      {"traces", list_traces},
      {"metrics", list_metrics},
  };
  return all;
}

}  // namespace

int list(const std::string& what) {
  constexpr std::string_view schema = "schema:";
  if (what.starts_with(schema)) {
    fmt::print("{}", config::schema_with_lists(what.substr(schema.size()), sweep::policy_lists()));
    return 0;
  }
  for (const Listing& listing : listings()) {
    if (!what.empty() && what != listing.name) continue;
    fmt::print("{}\n", listing.name);
    listing.print();
  }
  return 0;
}

}  // namespace tokenyard::commands
