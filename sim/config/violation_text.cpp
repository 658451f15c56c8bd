// SPDX-License-Identifier: Apache-2.0
#include "config/violation_text.hpp"

#include <algorithm>
#include <vector>

#include "config/kinds.hpp"
#include "config/numbers.hpp"
#include "config/scalars.hpp"

namespace tokenyard::config {
namespace {

using Json = nlohmann::json;

// The words for one node that has the keyword, "" if the value is no violation of it.
using Explain = std::string (*)(const Value& value, const Json& node);

struct Rule {
  std::string_view start;  // of the validator's text
  std::string_view keyword;
  Explain explain;
};

std::string plain(const Json& json) {
  return json.is_string() ? json.get<std::string>() : json.dump();
}

std::string explain_type(const Value& value, const Json& node) {
  const std::vector<std::string> types = types_of(node);
  const bool allowed = std::any_of(
      types.begin(), types.end(), [&](const std::string& type) { return is_of_type(value, type); });
  return allowed ? "" : wrong_type(value, types);
}

std::string explain_enum(const Value& value, const Json& node) {
  if (node.contains("type")) {
    std::string text = explain_type(value, node);
    if (!text.empty()) return text;
  }
  if (!value.is_scalar()) return wrong_type(value, types_of(node));
  std::vector<std::string> names;
  for (const Json& name : node.at("enum")) names.push_back(plain(name));
  const bool known = std::find(names.begin(), names.end(), value.text) != names.end();
  return known ? "" : unknown_name(value.text, names);
}

std::string explain_const(const Value& value, const Json& node) {
  return found_text(value) + " where only " + in_quotes(plain(node.at("const"))) + " may be";
}

std::string explain_pattern(const Value& value, const Json& node) {
  const std::string text = found_text(value) + " has not the right form";
  if (node.contains("examples") && !node["examples"].empty()) {
    return text + "; write it like " + in_quotes(plain(node["examples"][0]));
  }
  return text + " (" + brief(plain(node.at("pattern"))) + ")";
}

std::string explain_fewest(const Value& value, const Json& node) {
  const auto least = node.at("minItems").get<std::size_t>();
  return value.items.size() < least ? too_few(value.items.size(), least) : "";
}

std::string explain_most(const Value& value, const Json& node) {
  return std::to_string(value.items.size()) + " elements where at most " +
         plain(node.at("maxItems")) + " may be; remove some";
}

std::string explain_empty(const Value&, const Json& node) {
  return "fewer keys than " + plain(node.at("minProperties")) + "; add more";
}

std::string explain_short(const Value& value, const Json& node) {
  return found_text(value) + " is too short (at least " + plain(node.at("minLength")) +
         " characters)";
}

double as_double(const Value& value) {
  return value.kind == Value::Kind::number ? to_double_or_infinity(parse_decimal(value.text)) : 0;
}

std::string explain_minimum(const Value& value, const Json& node) {
  Limits limits;
  limits.least = node.at("minimum").get<double>();
  return beyond_limits(as_double(value), found_text(value), limits, "");
}

std::string explain_maximum(const Value& value, const Json& node) {
  Limits limits;
  limits.most = node.at("maximum").get<double>();
  return beyond_limits(as_double(value), found_text(value), limits, "");
}

std::string explain_above(const Value& value, const Json& node) {
  return found_text(value) + " is not above " + plain(node.at("exclusiveMinimum"));
}

std::string explain_below(const Value& value, const Json& node) {
  return found_text(value) + " is not below " + plain(node.at("exclusiveMaximum"));
}

constexpr Rule rules[] = {
    {"Value type not permitted", "type", explain_type},
    {"Failed to match against any enum", "enum", explain_enum},
    {"Failed to match expected value", "const", explain_const},
    {"Failed to match regex", "pattern", explain_pattern},
    {"Array should contain no fewer", "minItems", explain_fewest},
    {"Array should contain no more", "maxItems", explain_most},
    {"Object should have no fewer", "minProperties", explain_empty},
    {"String should be no fewer", "minLength", explain_short},
    {"Expected number greater than or equal", "minimum", explain_minimum},
    {"Expected number less than or equal", "maximum", explain_maximum},
    {"Expected number greater than", "exclusiveMinimum", explain_above},
    {"Expected number less than", "exclusiveMaximum", explain_below},
};

}  // namespace

std::string violation_text(const Value& value, const SchemaNodes& nodes,
                           std::string_view validators) {
  for (const Rule& rule : rules) {
    if (!validators.starts_with(rule.start)) continue;
    for (const Json* node : nodes) {
      if (!node->contains(rule.keyword)) continue;
      std::string text = rule.explain(value, *node);
      if (!text.empty()) return text;
    }
  }
  return "does not fit the schema (" + std::string(validators) + ")";
}

}  // namespace tokenyard::config
