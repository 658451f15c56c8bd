// SPDX-License-Identifier: Apache-2.0
#include "commands/load.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tokenyard::commands {

config::Document load_document(const std::string& path, const std::vector<std::string>& sets) {
  config::Document document = config::load_yaml(path);
  for (const std::string& set : sets) {
    const std::size_t equals = set.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw config::ConfigError(config::Mistake{
          "--set " + set, {}, "", "has no '='; write --set fleet.pools[NAME].replicas=8"});
    }
    config::assign(document, set.substr(0, equals), set.substr(equals + 1));
  }
  return document;
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
