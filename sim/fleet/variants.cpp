// SPDX-License-Identifier: Apache-2.0
#include "fleet/variants.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "config/paths.hpp"

namespace tokenyard::fleet {
namespace {

using config::Section;
using config::Value;

// 0 of a path that is none.
std::size_t steps(const std::string& path) {
  try {
    return config::parse_path(path).size();
  } catch (const std::invalid_argument&) {
    return 0;
  }
}

void refuse_variants(const Section& set, const Value::Member& setting, config::Reading& reading) {
  const std::string& path = setting.key;
  if (steps(path) == 0 || config::parse_path(path).front().name != "variants") return;
  reading.mistakes.add({setting.value.source ? *setting.value.source : set.file(), setting.key_at,
                        config::member_path(set.path(), path),
                        "a variant cannot change the variants; remove it"});
}

void read_settings(Section set, const Value& written, Variant& variant, config::Reading& reading) {
  variant.file = set.file();
  if (written.kind != Value::Kind::map) return;
  if (written.members.empty()) set.mistake("", "sets nothing; add a key, or leave 'set' out");
  variant.settings = written.members;
  for (const Value::Member& setting : variant.settings) refuse_variants(set, setting, reading);
  sort_by_width(variant.settings);
}

}  // namespace

void sort_by_width(std::vector<Value::Member>& settings) {
  std::sort(settings.begin(), settings.end(), [](const auto& a, const auto& b) {
    const std::size_t of_a = steps(a.key);
    const std::size_t of_b = steps(b.key);
    return of_a != of_b ? of_a < of_b : a.key < b.key;
  });
}

std::vector<Variant> read_variants(const config::Document& document, config::Reading& reading) {
  Section root(document, reading);
  if (!root.has("variants")) return {};
  return read_variants(root, *document.root.find("variants"), reading);
}

std::vector<Variant> read_variants(Section& parent, const Value& list, config::Reading& reading) {
  std::vector<Variant> variants;
  std::set<std::string> names;
  for (Section& section : parent.children("variants", 1)) {
    const Value& written = list.items[variants.size()];
    Variant& variant = variants.emplace_back();
    variant.name = section.required<std::string>("name");
    if (section.has("name") && variant.name.empty()) {
      section.mistake("name", "is empty; a variant's column and file are named by it");
    } else if (section.has("name") && !names.insert(variant.name).second) {
      section.mistake("name", config::in_quotes(variant.name) +
                                  " is the name of another variant; choose another name");
    }
    section.skip("set");
    if (section.has("set"))
      read_settings(section.child("set"), *written.find("set"), variant, reading);
    section.finish();
  }
  return variants;
}

config::Document varied(const config::Document& scenario, const Variant& variant,
                        config::Mistakes& mistakes) {
  config::Document document = scenario;
  for (const Value::Member& setting : variant.settings) {
    try {
      config::assign(document, setting, variant.file);
    } catch (const config::ConfigError& error) {
      for (const config::Mistake& mistake : error.mistakes()) mistakes.add(mistake);
    }
  }
  return document;
}

config::Mistake in_variant(const std::string& name, config::Mistake mistake) {
  const std::string variant = "variant " + config::in_quotes(name);
  mistake.path = mistake.path.empty() ? variant : variant + ": " + mistake.path;
  return mistake;
}

}  // namespace tokenyard::fleet
