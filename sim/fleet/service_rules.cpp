// SPDX-License-Identifier: Apache-2.0
#include "fleet/service_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "fleet/scenario.hpp"

namespace tokenyard::fleet {
namespace {

using config::Document;
using config::Section;
using config::Value;

Value* find(Value& map, std::string_view key) {
  for (Value::Member& member : map.members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

void skip_title(Section& root) {
  for (const char* key : {"name", "description", "source"}) root.skip(key);
}

std::vector<Value> rules_of_file(const std::string& path, config::Reading& reading) {
  std::vector<Value> rules;
  try {
    Document document = config::load_yaml(path);
    config::Reading own;
    Section root(document, own);
    skip_title(root);
    root.children("rules", 1);
    root.finish();
    for (const config::Mistake& mistake : own.mistakes.all()) reading.mistakes.add(mistake);
    if (!own.mistakes.empty()) return rules;
    rules = std::move(find(document.root, "rules")->items);
    const auto source = std::make_shared<const std::string>(path);
    for (Value& rule : rules) rule.source = source;
  } catch (const config::ConfigError& error) {
    for (const config::Mistake& mistake : error.mistakes()) reading.mistakes.add(mistake);
  }
  return rules;
}

// Of the catalogue, which knows more of them than a platform has.
std::vector<std::string> known_providers(const Scenario& scenario) {
  std::set<std::string> known;
  for (const network::Cluster& cluster : scenario.layout.clusters) {
    known.insert(catalog::provider_of(cluster.region));
  }
  if (scenario.catalog) {
    for (const auto& [region, site] : scenario.catalog->regions) {
      known.insert(catalog::provider_of(region));
    }
  }
  return {known.begin(), known.end()};
}

std::vector<std::string> read_names(Section& rule, const char* key) {
  std::vector<std::string> names = rule.strings(key);
  if (!rule.has(key)) rule.required<std::string>(key);
  if (names.empty() && rule.has_list(key)) rule.mistake(key, "names none; name at least one");
  return names;
}

void read_subject(Section& section, const Scenario& scenario, ServiceRule& rule) {
  rule.models = read_names(section, "models");
  for (const std::string& pattern : rule.models) {
    const std::size_t star = pattern.find('*', 1);
    if (star == std::string::npos || star + 1 == pattern.size()) continue;
    section.mistake("models", "'" + pattern + "' has a * inside; put it at an end of the name");
  }
  if (section.has("api")) {
    rule.api_class = static_cast<std::uint8_t>(section.choice("api", traffic::api_classes));
  }
  rule.providers = read_names(section, "providers");
  const std::vector<std::string> known = known_providers(scenario);
  if (known.empty()) return;  // the platform is a mistake already
  for (const std::string& provider : rule.providers) {
    if (std::find(known.begin(), known.end(), provider) != known.end()) continue;
    section.mistake("providers", config::unknown_name(provider, known));
  }
}

std::optional<Instant> read_date(Section& section, const char* key, const Scenario& scenario) {
  const auto text = section.maybe<std::string>(key);
  if (!text) return std::nullopt;
  const auto moment = parse_moment(*text);
  if (!moment) {
    section.mistake(key, no_moment(*text));
  } else if (!scenario.begins) {
    section.mistake(key,
                    "is a date, but the scenario does not say when it begins; give it a date, "
                    "such as 'begins: 2026-04-20'");
  } else {
    return instant_of(*moment, *scenario.begins);
  }
  return std::nullopt;
}

ServiceRule read_rule(Section& section, const Scenario& scenario) {
  ServiceRule rule;
  const config::Position at = section.position("");
  rule.where = fmt::format("{}:{}:{}", section.file(), at.line, at.column);
  read_subject(section, scenario, rule);
  rule.first = section.optional<bool>("first", false);
  const auto from = read_date(section, "from", scenario);
  const auto until = read_date(section, "until", scenario);
  if (from && until && *until <= *from) {
    section.mistake("until", "is not after 'from', so that the rule is never in force; move one");
  }
  rule.from = from.value_or(rule.from);
  rule.until = until.value_or(rule.until);
  rule.note = section.maybe<std::string>("source").value_or("");
  section.finish();
  return rule;
}

bool is_about_any(const ServiceRule& rule, const Scenario& scenario) {
  return std::any_of(scenario.models.begin(), scenario.models.end(),
                     [&rule](const auto& model) { return is_about(rule, model->name); });
}

}  // namespace

bool matches(const std::string& pattern, const std::string& name) {
  std::string_view part = pattern;
  const bool any_begin = part.starts_with('*');
  if (any_begin) part.remove_prefix(1);
  const bool any_end = part.ends_with('*') || pattern == "*";
  if (part.ends_with('*')) part.remove_suffix(1);
  if (any_begin && any_end) return name.find(part) != std::string::npos;
  if (any_begin) return name.ends_with(part);
  if (any_end) return name.starts_with(part);
  return name == part;
}

bool is_about(const ServiceRule& rule, const std::string& model) {
  return std::any_of(rule.models.begin(), rule.models.end(),
                     [&model](const std::string& pattern) { return matches(pattern, model); });
}

bool names_provider_of(const ServiceRule& rule, const std::string& region) {
  const std::string provider = catalog::provider_of(region);
  return std::find(rule.providers.begin(), rule.providers.end(), provider) != rule.providers.end();
}

std::string text_of(const ServiceRule& rule, const Scenario& scenario) {
  std::string text = fmt::format("{}", fmt::join(rule.models, ", "));
  if (rule.api_class) text += fmt::format(" ({})", traffic::api_classes[*rule.api_class]);
  text += fmt::format(" by {} {}", fmt::join(rule.providers, " or "),
                      rule.first ? "first, others after them" : "only");
  if (!scenario.begins) return text;
  const bool begins = std::isfinite(rule.from.value());
  if (begins) text += ", from " + moment_text(moment_of(rule.from, *scenario.begins));
  if (rule.until < Instant::never()) {
    text +=
        (begins ? " until " : ", until ") + moment_text(moment_of(rule.until, *scenario.begins));
  }
  return text;
}

bool applies(const ServiceRule& rule, const Scenario& scenario) {
  return is_about_any(rule, scenario) && rule.from < scenario.until && rule.until > Instant(0);
}

Document with_rules_of_files(const Document& document, config::Reading& reading) {
  Document whole = document;
  Value* routing = find(whole.root, "routing");
  Value* rules = routing == nullptr ? nullptr : find(*routing, "rules");
  if (rules == nullptr) return whole;
  std::vector<Value> all;
  for (Value& rule : rules->items) {
    if (rule.kind != Value::Kind::string) {
      all.push_back(std::move(rule));
      continue;
    }
    for (Value& other : rules_of_file(beside(document.file, rule.text), reading)) {
      all.push_back(std::move(other));
    }
  }
  rules->items = std::move(all);
  return whole;
}

void check_rules(const Document& document, config::Reading& reading) {
  Scenario scenario;
  scenario.begins = Moment{};
  Section root(document, reading);
  skip_title(root);
  read_rules(root, scenario);
  root.finish();
}

void read_rules(Section& routing, Scenario& scenario) {
  for (Section& section : routing.children("rules")) {
    scenario.rules.push_back(read_rule(section, scenario));
  }
}

void assume_of_rules(Scenario& scenario) {
  for (const ServiceRule& rule : scenario.rules) {
    if (is_about_any(rule, scenario)) continue;
    scenario.assumptions.push_back("the rule " + text_of(rule, scenario) +
                                   " is about no model of this scenario");
  }
}

}  // namespace tokenyard::fleet
