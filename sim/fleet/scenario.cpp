// SPDX-License-Identifier: Apache-2.0
#include "fleet/scenario.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "core/contracts.hpp"
#include "core/sha256.hpp"
#include "fleet/rack_counts.hpp"
#include "network/platform_file.hpp"
#include "network/precheck.hpp"

namespace tokenyard::fleet {
namespace {

using config::Section;
namespace fs = std::filesystem;

// What does not change a result does not change its identity. Of files, the contents count, and
// not where they are.
std::vector<std::string> not_identity(const Scenario& scenario) {
  std::vector<std::string> ignored = {"name",     "description", "results",
                                      "platform", "survive",     "models",
                                      "source",   "variants",    "workload.file"};
  for (const traffic::Tenant& tenant : scenario.tenants) {
    for (const char* file : {"trace", "otherwise", "description"}) {
      const std::string path = "tenants[" + tenant.name + "].traffic." + file;
      ignored.push_back(path);
      ignored.push_back("workload." + path);
    }
  }
  for (const std::string& region : scenario.accounting.energy.carbon_files) {
    ignored.push_back("energy.carbon." + region);
  }
  const auto& profiles = scenario.faults.files;
  ignored.insert(ignored.end(), profiles.begin(), profiles.end());
  if (!scenario.faults.befalls()) ignored.emplace_back("faults");
  for (std::size_t i = 0; i < scenario.rules.size(); ++i) {
    ignored.push_back("routing.rules[" + std::to_string(i) + "].source");
  }
  return ignored;
}

template <class Entries>
std::vector<std::string> names_of(const Entries& entries) {
  std::vector<std::string> names;
  for (const auto& entry : entries) names.emplace_back(entry.name);
  return names;
}

// Limits of sites, in place of those of the file.
void read_sites(Section& section, network::Layout& layout) {
  for (auto& [region, entry] : section.entries("sites")) {
    const auto site =
        std::find_if(layout.sites.begin(), layout.sites.end(),
                     [name = region](const network::Site& s) { return s.region == name; });
    const auto power = entry.maybe<Watts>("power", config::positive);
    const auto slots = entry.maybe<std::int64_t>("rack_slots", {1, 1e6});
    entry.finish();
    if (site == layout.sites.end()) {
      entry.mistake("", "is not a region of the platform; `tokenyard platform info` lists them");
      continue;
    }
    if (power) site->power = *power;
    if (slots) site->rack_slots = static_cast<std::uint32_t>(*slots);
  }
}

void read_platform(Section section, const std::string& file, Scenario& scenario,
                   config::Reading& reading, std::map<std::string, std::string>& inputs) {
  const auto name = section.required<std::string>("file");
  section.skip("racks");
  section.skip("sites");
  section.finish();
  if (name.empty()) return;
  scenario.platform_file = beside(file, name);
  auto source = network::read_platform_file(scenario.platform_file, reading.mistakes);
  if (!source) return;
  scenario.layout = network::precheck(*source, reading.mistakes);
  const std::string folder = (fs::path(scenario.platform_file).parent_path() / "catalog").string();
  scenario.catalog =
      std::make_unique<catalog::Catalog>(catalog::load_catalog(folder, reading.mistakes));
  for (const auto& [part, sha] : scenario.catalog->sha256) inputs["catalog/" + part] = sha;
  if (section.has("racks") && reading.mistakes.empty()) {
    network::set_nodes(*source, read_rack_counts(section, scenario.layout, *scenario.catalog));
    scenario.layout = network::precheck(*source, reading.mistakes);
  }
  if (section.has("sites")) read_sites(section, scenario.layout);
  inputs["platform"] = sha256_hex(source->text);
  scenario.platform = *std::move(source);
}

void read_models(Section& root, const std::string& file, Scenario& scenario,
                 config::Reading& reading, std::map<std::string, std::string>& inputs) {
  for (const std::string& name : root.strings("models")) {
    const std::string path = model_path(name, file);
    if (!fs::exists(path)) {
      root.mistake("models", "'" + name + "' has no file " + path +
                                 "; `tokenyard list models` shows what there is");
      continue;
    }
    scenario.models.push_back(
        std::make_unique<catalog::ModelShape>(catalog::load_model(path, reading.mistakes)));
    inputs["model/" + scenario.models.back()->name] = scenario.models.back()->sha256;
  }
  if (scenario.models.empty() && reading.mistakes.empty()) {
    root.mistake("models", "names no model; list at least one");
  }
}

std::string identity_of(const std::string& canonical) {
  return sha256_hex("tokenyard 1\n" + canonical);
}

void identify(Scenario& scenario, const config::Reading& reading,
              std::map<std::string, std::string> inputs) {
  config::Resolved all = reading.resolved;
  if (scenario.faults.befalls()) inputs.merge(std::map(scenario.faults.inputs));
  for (const auto& [name, sha] : inputs) {
    all.entries["inputs." + name] = {"\"" + sha + "\"", "", config::Resolved::Origin::given};
  }
  for (const traffic::Tenant& tenant : scenario.tenants) {
    if (tenant.trace) {
      all.entries["inputs.trace/" + tenant.name] = {"\"" + tenant.trace->sha256 + "\"", "",
                                                    config::Resolved::Origin::given};
    }
  }
  const std::vector<std::string> ignored = not_identity(scenario);
  const std::vector<std::string_view> views(ignored.begin(), ignored.end());
  scenario.canonical = all.canonical_json(views);
  scenario.identity = identity_of(scenario.canonical);
}

}  // namespace

double Scenario::expected_requests() const {
  double sum = 0;
  for (const traffic::Tenant& tenant : tenants) {
    sum += tenant.expected_requests(until - Instant(0));
  }
  return sum;
}

// The canonical text is one flat map: its key stands in quotes nowhere else.
std::string Scenario::identity_of_replication(std::uint64_t number) const {
  const std::string key = "\"replication\":";
  std::string text = canonical;
  const std::size_t at = text.find(key);
  SIM_EXPECT(at != std::string::npos);
  const std::size_t first = at + key.size();
  text.replace(first, text.find_first_of(",}", first) - first, std::to_string(number));
  return identity_of(text);
}

std::string home() {
  if (const char* given = std::getenv("TOKENYARD_HOME")) return given;
  std::error_code error;
  fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (; folder.has_relative_path(); folder = folder.parent_path()) {
    if (fs::is_directory(folder / "workloads" / "models", error)) return folder.string();
  }
  return ".";
}

std::string model_path(const std::string& name, const std::string& scenario_file) {
  if (name.ends_with(".yaml")) return beside(scenario_file, name);
  return (fs::path(home()) / "workloads" / "models" / (name + ".yaml")).string();
}

config::Lists policy_lists() {
  config::Lists lists = traffic::traffic_lists();
  lists["routers"] = names_of(routers());
  lists["pool_routers"] = names_of(pool_routers());
  lists["client_network_policies"] = {client_network_policies.begin(),
                                      client_network_policies.end()};
  lists["batchers"] = names_of(serving::batchers());
  lists["engines"] = names_of(engine_presets());
  lists["reserves"] = {serving::reserves.begin(), serving::reserves.end()};
  lists["orders"] = {serving::orders.begin(), serving::orders.end()};
  lists["schedulings"] = {serving::schedulings.begin(), serving::schedulings.end()};
  lists["precisions"] = {catalog::precision_names.begin(), catalog::precision_names.end()};
  lists["pool_roles"] = {pool_roles.begin(), pool_roles.end()};
  lists["contentions"] = {contentions.begin(), contentions.end()};
  lists["autoscalers"] = names_of(autoscalers());
  lists["kv_moves"] = {serving::kv_moves.begin(), serving::kv_moves.end()};
  lists["landings"] = {serving::landings.begin(), serving::landings.end()};
  lists["fault_scopes"] = {fault_scopes.begin(), fault_scopes.begin() + random_fault_scopes};
  lists["price_bases"] = {catalog::price_bases.begin(), catalog::price_bases.end()};
  return lists;
}

Scenario read_scenario(const config::Document& given, config::Reading& reading) {
  Scenario scenario;
  std::map<std::string, std::string> inputs;
  config::check_schema(given, "scenario", policy_lists(), reading.mistakes);
  const config::Document document = with_rules_of_files(given, reading);
  Section root(document, reading);
  scenario.name = root.required<std::string>("name");
  root.skip("description");
  root.skip("variants");
  scenario.seed = root.optional<std::uint64_t>("seed", 0);
  scenario.replication = root.optional<std::uint64_t>("replication", 0);
  scenario.warm_up =
      Instant(root.optional<Duration>("warm_up", Duration(0), config::not_negative).value());
  if (const auto duration = root.maybe<Duration>("duration", config::positive)) {
    scenario.until = Instant(duration->value());
    if (scenario.warm_up >= scenario.until) root.mistake("warm_up", "is not below duration");
  }
  scenario.begins = read_begins(root);
  read_platform(root.child("platform"), document.file, scenario, reading, inputs);
  read_models(root, document.file, scenario, reading, inputs);
  read_energy(root.child("energy"), document.file, scenario, inputs);
  read_cost(root.child("cost"), scenario);
  Section workload = root.child("workload");
  read_workload(workload, document.file, scenario, reading);
  workload.finish();
  read_client_network(root.child("client_network"), scenario);
  Section routing = root.child("routing");
  read_rules(routing, scenario);
  Section fleet = root.child("fleet");
  if (scenario.catalog) {
    read_pools(fleet, scenario);
  } else {
    fleet.skip("pools");
    fleet.skip("stores");
  }
  fleet.finish();
  read_faults(root, document, scenario, reading);
  read_scripted_faults(root, scenario, reading);
  read_maintenance(root, scenario);
  read_survive(root, scenario);
  if (reading.mistakes.empty()) {
    check_routes(workload, scenario);
    scenario.routes = routes_of(scenario);
    assume_of_pools(scenario);
    assume_of_faults(scenario);
  }
  if (reading.mistakes.empty()) {
    check_costs(fleet, scenario);
    check_commitments(root.child("cost"), scenario);
  }
  read_routing(routing, scenario);
  if (reading.mistakes.empty()) assume_of_routing(scenario);
  read_admission(root.child("admission"), scenario);
  read_keep(root.child("results"), scenario);
  root.finish();
  identify(scenario, reading, inputs);
  return scenario;
}

}  // namespace tokenyard::fleet
