// SPDX-License-Identifier: Apache-2.0
#include "fleet/carbon_hours.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

namespace tokenyard::fleet {
namespace {

constexpr const char* header = "hour,g_per_kwh";

bool parse(const std::string& text, double& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(value);
}

}  // namespace

CarbonHours parse_carbon_hours(const std::string& text) {
  CarbonHours hours;
  std::istringstream lines(text);
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (number == 1) {
      if (line == header) continue;
      return {{}, "does not begin with the line '" + std::string(header) + "'; write that first"};
    }
    if (line.empty()) continue;
    const std::size_t comma = std::min(line.find(','), line.size());
    const std::string wanted = std::to_string(hours.g_per_kwh.size());
    const std::string where = "line " + std::to_string(number) + ": ";
    if (line.substr(0, comma) != wanted) {
      return {{}, where + "is not hour " + wanted + "; list all hours in order, from 0"};
    }
    double value = 0;
    if (comma == line.size() || !parse(line.substr(comma + 1), value) || value < 0) {
      return {{}, where + "has no number from 0 up behind the comma; give g of CO2 a kWh"};
    }
    hours.g_per_kwh.push_back(value);
  }
  if (hours.g_per_kwh.empty()) hours.problem = "lists no hour; list at least one";
  return hours;
}

}  // namespace tokenyard::fleet
