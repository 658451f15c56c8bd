// SPDX-License-Identifier: Apache-2.0
#include "commands/strict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "commands/load.hpp"
#include "fleet/scenario.hpp"
#include "network/precheck.hpp"

namespace tokenyard::commands {
namespace {

namespace fs = std::filesystem;
using catalog::Mark;
using catalog::Marks;
using config::Document;
using config::Mistakes;

void add_cluster(const network::Cluster& cluster, Marks& marks) {
  marks.add_rack(cluster.rack);
  marks.add_region(cluster.region);
}

// What pools and stores stand on, and the models; not the rest of the platform.
void add_scenario(const Document& document, std::set<Mark>& found, Mistakes& mistakes) {
  config::Reading reading;
  const fleet::Scenario scenario = fleet::read_scenario(document, reading);
  for (const config::Mistake& mistake : reading.mistakes.all()) mistakes.add(mistake);
  if (!reading.mistakes.empty()) return;
  Marks marks(*scenario.catalog);
  std::set<std::string> clusters;
  for (const fleet::PoolPlan& pool : scenario.pools) {
    clusters.insert(pool.at);
    if (pool.store) clusters.insert(pool.store->at);
    if (pool.price) marks.add(*pool.price);
  }
  for (const fleet::WeightStore& store : scenario.stores) clusters.insert(store.plan.at);
  for (const network::Cluster& cluster : scenario.layout.clusters) {
    if (clusters.contains(cluster.name)) add_cluster(cluster, marks);
  }
  for (const auto& model : scenario.models) marks.add(*model);
  for (const fleet::FaultRule& rule : scenario.faults.rules) {
    if (rule.components > 0) marks.add_reliability(rule.reliability);
  }
  found.insert(marks.all().begin(), marks.all().end());
}

void add_scenarios(const std::string& path, const std::vector<std::string>& sets,
                   std::set<Mark>& found, Mistakes& mistakes) {
  config::Reading reading;
  const VariantFile file = load_variants(path, sets, reading);
  add_scenario(load_document(path, sets), found, mistakes);
  for (const fleet::Variant& variant : file.variants) {
    add_scenario(file.scenario_of(variant, mistakes), found, mistakes);
  }
}

void note_absent(const std::string& path, const std::string& file, const std::string& name,
                 Mistakes& mistakes) {
  mistakes.add({path,
                {},
                name,
                "is not in catalog/" + file +
                    " beside the platform file (nothing says where its values come from); add it "
                    "there"});
}

void add_platform(const std::string& path, std::set<Mark>& found, Mistakes& mistakes) {
  const auto source = network::read_platform_file(path, mistakes);
  if (!source) return;
  const network::Layout layout = network::precheck(*source, mistakes);
  const std::string folder = (fs::path(path).parent_path() / "catalog").string();
  const catalog::Catalog catalog = catalog::load_catalog(folder, mistakes);
  if (!mistakes.empty()) return;
  Marks marks(catalog);
  for (const network::Cluster& cluster : layout.clusters) {
    if (!catalog.racks.contains(cluster.rack)) {
      note_absent(path, "racks.yaml", cluster.rack, mistakes);
    }
    if (!catalog.regions.contains(cluster.region)) {
      note_absent(path, "regions.yaml", cluster.region, mistakes);
    }
    add_cluster(cluster, marks);
  }
  found = marks.all();
}

void add_catalog_file(const std::string& path, std::set<Mark>& found, Mistakes& mistakes) {
  const catalog::Catalog catalog =
      catalog::load_catalog(fs::path(path).parent_path().string(), mistakes);
  Marks marks(catalog);
  marks.add_all();
  const std::string name = fs::path(path).filename().string();
  std::copy_if(marks.all().begin(), marks.all().end(), std::inserter(found, found.end()),
               [&name](const Mark& mark) { return mark.file == name; });
}

void add_yaml(const std::string& path, const std::vector<std::string>& sets, std::set<Mark>& found,
              Mistakes& mistakes) {
  const Document document = load_document(path, sets);
  const config::Value& root = document.root;
  if (root.find("axes") != nullptr) {
    const std::string base = fleet::beside(path, root.find("scenario")->text);
    return add_scenario(config::load_yaml(base), found, mistakes);
  }
  if (root.find("fleet") != nullptr) return add_scenarios(path, sets, found, mistakes);
  if (root.find("layers") != nullptr) {
    const catalog::Catalog none;
    Marks marks(none);
    marks.add(catalog::load_model(path, mistakes));
    found = marks.all();
    return;
  }
  if (catalog::is_catalog_file(root)) add_catalog_file(path, found, mistakes);
}

}  // namespace

std::set<Mark> marks_of(const std::string& path, const std::vector<std::string>& sets,
                        Mistakes& mistakes) {
  std::set<Mark> found;
  if (path.ends_with(".xml")) {
    add_platform(path, found, mistakes);
  } else if (path.ends_with(".yaml") || path.ends_with(".yml")) {
    add_yaml(path, sets, found, mistakes);
  }
  return found;
}

std::string shown(const std::string& path, const std::set<Mark>& marks) {
  std::string text;
  for (const Mark& mark : marks) {
    text += fmt::format("{}: {}: {}: {}\n", mark.file, mark.entry, mark.key, mark.source);
  }
  return text + fmt::format("{}: {} value{} from memory or assumed\n", path, marks.size(),
                            marks.size() == 1 ? "" : "s");
}

}  // namespace tokenyard::commands
