// SPDX-License-Identifier: Apache-2.0
// What fails at random.
#include "fleet/fault_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <span>

#include "config/yaml.hpp"
#include "fleet/scenario.hpp"

namespace tokenyard::fleet {
namespace {

using config::Section;
namespace fs = std::filesystem;

constexpr std::span random_scopes(fault_scopes.data(), random_fault_scopes);
static_assert(catalog::scope_names.size() == random_fault_scopes);

constexpr std::array<std::string_view, 2> lifetimes = {"exponential", "weibull"};
constexpr std::array<std::string_view, 2> repair_times = {"exponential", "fixed"};

// Below these a run could be all failures, or Gamma beyond what a number holds.
constexpr double least_between_s = 1;
constexpr config::Limits shapes{0.2, 20};

template <class Map>
std::vector<std::string> keys_of(const Map& map) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : map) keys.push_back(key);
  return keys;
}

std::vector<std::string> providers_of(const std::vector<std::string>& regions) {
  std::vector<std::string> providers;
  for (const std::string& region : regions) {
    const std::string provider = catalog::provider_of(region);
    if (providers.empty() || providers.back() != provider) providers.push_back(provider);
  }
  return providers;
}

// Reads entries of a profile. Without a catalogue its names are not checked.
class RuleReader {
 public:
  RuleReader(const catalog::Catalog* catalog, std::vector<FaultRule>& rules)
      : catalog_(catalog), rules_(&rules) {}

  // The factor is for the rate of the whole profile.
  void read(Section& entry, double factor);

 private:
  std::vector<std::string> places(Section& entry, const char* key,
                                  const std::vector<std::string>& known) const;
  void read_places(Section& entry, FaultRule& rule) const;
  const catalog::Reliability* look_up(Section& entry, FaultRule& rule) const;
  void read_life(Section& entry, FaultRule& rule) const;

  const catalog::Catalog* catalog_;
  std::vector<FaultRule>* rules_;
};

std::vector<std::string> RuleReader::places(Section& entry, const char* key,
                                            const std::vector<std::string>& known) const {
  std::vector<std::string> names = entry.strings(key);
  if (entry.has_list(key) && names.empty()) entry.mistake(key, "names none; leave it out for all");
  for (const std::string& name : names) {
    if (known.empty() || std::find(known.begin(), known.end(), name) != known.end()) continue;
    entry.mistake(key, config::unknown_name(name, known));
  }
  return names;
}

void RuleReader::read_places(Section& entry, FaultRule& rule) const {
  const auto refuse = [&](const char* key, const char* why) {
    if (entry.has(key)) entry.mistake(key, why);
  };
  const auto regions = catalog_ ? keys_of(catalog_->regions) : std::vector<std::string>();
  if (rule.scope == FaultScope::region || rule.scope == FaultScope::control_plane) {
    refuse("racks", "are no part of what fails, all of a region or provider; remove it");
  }
  if (rule.scope == FaultScope::control_plane) {
    refuse("regions", "share the control plane of their provider; say 'providers'");
  }
  rule.racks =
      places(entry, "racks", catalog_ ? keys_of(catalog_->racks) : std::vector<std::string>());
  rule.regions = places(entry, "regions", regions);
  rule.providers = places(entry, "providers", providers_of(regions));
}

const catalog::Reliability* RuleReader::look_up(Section& entry, FaultRule& rule) const {
  if (!entry.has("reliability")) return nullptr;
  rule.reliability = entry.required<std::string>("reliability");
  if (catalog_ == nullptr) return nullptr;
  const auto found = catalog_->reliability.find(rule.reliability);
  if (found == catalog_->reliability.end()) {
    const std::vector<std::string> known = keys_of(catalog_->reliability);
    entry.mistake("reliability", known.empty()
                                     ? "needs a reliability.yaml in the catalogue; add it there"
                                     : config::unknown_name(rule.reliability, known));
    return nullptr;
  }
  const auto scope = static_cast<std::size_t>(found->second.scope);
  if (scope != static_cast<std::size_t>(rule.scope)) {
    entry.mistake("reliability",
                  fmt::format("'{}' is of one {}; say what: {}, or name another", rule.reliability,
                              catalog::scope_names[scope], fault_scopes[scope]));
  }
  return &found->second;
}

// What the entry says itself stands above the catalogue.
void RuleReader::read_life(Section& entry, FaultRule& rule) const {
  const catalog::Reliability* known = look_up(entry, rule);
  Life& life = rule.kind.life;
  const auto time = [&](const char* key, Duration of_catalog, config::Limits limits) {
    if (known == nullptr && rule.reliability.empty()) return entry.required<Duration>(key, limits);
    if (const auto given = entry.maybe<Duration>(key, limits)) return *given;
    if (known == nullptr) return of_catalog;
    const auto& marked = known->source.from_memory;
    if (std::find(marked.begin(), marked.end(), key) != marked.end()) {
      rule.from_memory.emplace_back(key);
    }
    return of_catalog;
  };
  life.between_failures =
      time("between_failures", known ? known->between_failures : Duration(0), {least_between_s});
  life.repair = time("repair", known ? known->repair : Duration(0), config::not_negative);
  if (entry.choice("distribution", lifetimes, 0) == 1) {
    life.shape = entry.required<double>("shape", shapes);
  } else if (entry.has("shape")) {
    entry.mistake("shape", "is of a Weibull distribution; say distribution: weibull, or remove it");
    entry.skip("shape");
  }
  life.fixed_repair = entry.choice("repair_time", repair_times, 0) == 1;
}

void RuleReader::read(Section& entry, double factor) {
  FaultRule rule;
  rule.scope = static_cast<FaultScope>(entry.choice("what", random_scopes));
  read_places(entry, rule);
  read_life(entry, rule);
  entry.skip("notes");
  factor *= entry.optional<double>("scale", 1, {0, 1e6});
  Life& life = rule.kind.life;
  if (factor > 0 && life.fails() && life.between_failures.value() < factor * least_between_s) {
    entry.mistake("scale", fmt::format("makes {:.3g} s between failures, less than {} s; lower it",
                                       life.between_failures.value() / factor, least_between_s));
  }
  life.between_failures = factor > 0 ? life.between_failures / factor : Duration(0);
  rule.kind.name = entry.optional<std::string>(
      "name", rule.reliability.empty() ? std::string(fault_scopes[std::size_t(rule.scope)])
                                       : rule.reliability);
  entry.finish();
  for (const FaultRule& other : *rules_) {
    if (other.kind.name != rule.kind.name) continue;
    entry.mistake("", fmt::format("is '{}' as another entry is, so both would fail at the same "
                                  "dates; take one out, or give it a 'name' of its own",
                                  rule.kind.name));
    return;
  }
  rules_->push_back(std::move(rule));
}

void read_profile(const config::Document& document, RuleReader& rules, double factor,
                  config::Mistakes& mistakes) {
  config::Reading own;
  Section root(document, own);
  for (Section& entry : root.children("faults", 1)) rules.read(entry, factor);
  root.finish();
  for (const config::Mistake& mistake : own.mistakes.all()) mistakes.add(mistake);
}

// The list `faults`, where a bare text stands for a map with the key `profile`.
config::Document with_maps(const config::Document& document) {
  config::Document maps{document.file, document.sha256, {}};
  maps.root.kind = config::Value::Kind::map;
  const config::Value* list = document.root.find("faults");
  if (list == nullptr) return maps;
  maps.root.members.push_back({"faults", list->at, *list});
  for (config::Value& item : maps.root.members.front().value.items) {
    if (item.kind != config::Value::Kind::string) continue;
    config::Value map;
    map.kind = config::Value::Kind::map;
    map.at = item.at;
    map.source = item.source;
    map.members.push_back({"profile", item.at, item});
    item = std::move(map);
  }
  return maps;
}

}  // namespace

void read_faults(Section& root, const config::Document& document, Scenario& scenario,
                 config::Reading& reading) {
  root.skip("faults");
  const config::Document maps = with_maps(document);
  Section section(maps, reading);
  FaultPlan& plan = scenario.faults;
  RuleReader rules(scenario.catalog.get(), plan.rules);
  for (Section& entry : section.children("faults")) {
    if (!entry.has("profile")) {
      rules.read(entry, 1);
      continue;
    }
    const auto name = entry.required<std::string>("profile");
    const double factor = entry.optional<double>("scale", 1, {0, 1e6});
    entry.finish();
    plan.files.insert(entry.path() + ".profile");
    const std::string path = beside(document.file, name);
    if (!fs::is_regular_file(path)) {
      entry.mistake("profile", config::in_quotes(path) + " is no file; name a profile of faults");
      continue;
    }
    try {
      const config::Document profile = config::load_yaml(path);
      plan.inputs["faults/" + std::to_string(plan.files.size())] = profile.sha256;
      read_profile(profile, rules, factor, reading.mistakes);
    } catch (const config::ConfigError& error) {
      for (const config::Mistake& mistake : error.mistakes()) reading.mistakes.add(mistake);
    }
  }
  for (const FaultRule& rule : plan.rules) {
    if (rule.reliability.empty() || !scenario.catalog) continue;
    plan.inputs["catalog/reliability.yaml"] = scenario.catalog->reliability_sha256;
  }
}

void check_fault_profile(const config::Document& document, config::Reading& reading) {
  const fs::path folder = fs::path(document.file).parent_path() / ".." / "catalog";
  std::optional<catalog::Catalog> catalog;
  if (fs::is_directory(folder)) {
    catalog = catalog::load_catalog(folder.string(), reading.mistakes);
  }
  std::vector<FaultRule> rules;
  RuleReader reader(catalog ? &*catalog : nullptr, rules);
  read_profile(document, reader, 1, reading.mistakes);
}

}  // namespace tokenyard::fleet
