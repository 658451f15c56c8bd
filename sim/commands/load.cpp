// SPDX-License-Identifier: Apache-2.0
#include "commands/load.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "commands/option_values.hpp"

namespace tokenyard::commands {
namespace {

void apply(const std::vector<std::string>& sets, config::Document& document) {
  for (const std::string& set : sets) {
    const std::size_t equals = set.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw config::ConfigError(config::Mistake{
          "--set " + set, {}, "", "has no '='; write --set fleet.pools[NAME].replicas=8"});
    }
    config::assign(document, set.substr(0, equals), set.substr(equals + 1));
  }
}

}  // namespace

config::Document load_document(const std::string& path, const std::vector<std::string>& sets) {
  config::Document document = config::load_yaml(path);
  apply(sets, document);
  return document;
}

VariantFile load_variants(const std::string& path, const std::vector<std::string>& sets,
                          config::Reading& reading) {
  VariantFile file;
  std::vector<std::string> first;
  for (const std::string& set : sets) {
    (set.starts_with("variants") ? first : file.sets).push_back(set);
  }
  file.document = load_document(path, first);
  file.variants = fleet::read_variants(file.document, reading);
  return file;
}

config::Document VariantFile::scenario_of(const fleet::Variant& variant,
                                          config::Mistakes& mistakes) const {
  config::Document scenario = fleet::varied(document, variant, mistakes);
  apply(sets, scenario);
  return scenario;
}

const fleet::Variant& variant_of(const VariantFile& file, const std::string& name) {
  std::vector<std::string> names;
  for (const fleet::Variant& variant : file.variants) {
    if (variant.name == name) return variant;
    names.push_back(variant.name);
  }
  if (names.empty()) refuse_option("--variant", file.document.file + " lists no variants");
  refuse_option("--variant", config::unknown_name(name, names));
}

std::string explain(const config::Resolved& resolved) {
  std::size_t width = 0;
  for (const auto& [path, entry] : resolved.entries) width = std::max(width, path.size());
  std::string text;
  for (const auto& [path, entry] : resolved.entries) {
    constexpr std::array<std::string_view, 3> origins = {"", "(default)", "(computed)"};
    constexpr std::size_t most = 60;
    const std::string value =
        entry.json.size() > most ? entry.json.substr(0, most) + "..." : entry.json;
    std::string line = fmt::format("{:{}}  {}", path, width, value);
    if (!entry.unit.empty()) line += " " + entry.unit;
    const std::string_view origin = origins[static_cast<std::size_t>(entry.origin)];
    if (!origin.empty()) line += "  " + std::string(origin);
    text += line + '\n';
  }
  return text;
}

}  // namespace tokenyard::commands
