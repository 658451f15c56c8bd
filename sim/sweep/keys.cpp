// SPDX-License-Identifier: Apache-2.0
#include "sweep/keys.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "config/numbers.hpp"
#include "config/paths.hpp"
#include "sweep/expression.hpp"

namespace tokenyard::sweep {

std::string canonical_key(const config::Document& scenario, const std::string& path) {
  const config::Value* at = &scenario.root;
  std::string text;
  try {
    for (const config::Step& step : config::parse_path(path)) {
      std::string name = step.name;
      if (at != nullptr && at->kind == config::Value::Kind::list) {
        const std::vector<std::string> labels = config::element_labels(*at);
        const auto found = std::find(labels.begin(), labels.end(), name);
        const auto number = static_cast<std::size_t>(found - labels.begin());
        if (found != labels.end()) name = std::to_string(number);
        at = found != labels.end() ? &at->items[number] : nullptr;
      } else if (at != nullptr) {
        at = at->find(name);
      }
      text = config::element_path(text, name);
    }
  } catch (const std::invalid_argument&) {
    return path;
  }
  return text;
}

std::string problem_of_key(const std::string& path, const std::string& in) {
  try {
    const std::string first = config::parse_path(path).front().name;
    for (const char* idle : {"name", "description", "variants", "results"}) {
      if (first == idle) return "changes no result of a run; remove " + in;
    }
  } catch (const std::invalid_argument& problem) {
    return problem.what();
  }
  return "";
}

std::optional<Measured> measured(const config::Value& value) {
  const auto found = typed(value);
  if (!found || found->kind.type != Kind::Type::number) return {};
  const std::size_t length = config::number_length(value.text);
  const std::size_t unit = std::min(value.text.find_first_not_of(' ', length), value.text.size());
  const auto number = config::parse_decimal(std::string_view(value.text).substr(0, length));
  return Measured{config::to_double_or_infinity(number), value.text.substr(unit)};
}

std::string problem_of_unit(const std::string& unit, const std::string& unit_of_to) {
  if (unit_of_to == unit) return "";
  const auto shown = [](const std::string& name) {
    return name.empty() ? std::string("no unit") : config::in_quotes(name);
  };
  return "is in " + shown(unit_of_to) + " and 'from' in " + shown(unit) +
         "; write both in one unit";
}

}  // namespace tokenyard::sweep
