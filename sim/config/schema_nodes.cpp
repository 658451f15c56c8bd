// SPDX-License-Identifier: Apache-2.0
#include "config/schema_nodes.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "config/kinds.hpp"
#include "config/numbers.hpp"

namespace tokenyard::config {
namespace {

using Json = nlohmann::json;

constexpr std::size_t most_text = 4096;
constexpr int most_references = 100;  // a chain that is longer goes round in circles

const Json* followed(const Json* node, const Json& root) {
  for (int i = 0; i < most_references && node->is_object() && node->contains("$ref"); ++i) {
    const auto reference = node->at("$ref").get<std::string>();
    if (!reference.starts_with("#/")) return node;
    node = &root.at(Json::json_pointer(reference.substr(1)));
  }
  return node;
}

void collect(const Json& node, const Json& root, SchemaNodes& nodes, int depth) {
  const Json* target = followed(&node, root);
  if (!target->is_object() || depth > most_references) return;
  nodes.push_back(target);
  if (!target->contains("allOf")) return;
  for (const Json& part : target->at("allOf")) collect(part, root, nodes, depth + 1);
}

// The schema that `keyword` names below `key`, or nullptr.
const Json* member_schema(const Json& node, const std::string& key) {
  if (node.contains("properties") && node["properties"].contains(key)) {
    return &node["properties"][key];
  }
  return node.contains("additionalProperties") ? &node["additionalProperties"] : nullptr;
}

std::string_view type_of(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return "null";
    case Json::value_t::boolean:
      return "boolean";
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
      return "integer";
    case Json::value_t::number_float:
      return "number";
    case Json::value_t::array:
      return "array";
    case Json::value_t::object:
      return "object";
    default:
      return "string";
  }
}

bool allows(const std::vector<std::string>& types, const Value& value) {
  return std::any_of(types.begin(), types.end(), [&](const std::string& type) {
    // 3.5 where a whole number is wanted is a number meant for that place.
    return is_of_type(value, type == "integer" ? "number" : type);
  });
}

// Whole numbers beyond 64 bits as the last of these: valijson takes unsigned ones for negative.
Json number(const std::string& text) {
  const Decimal decimal = parse_decimal(text);
  using Range = std::numeric_limits<std::int64_t>;
  std::int64_t whole = 0;
  if (!is_integer_text(text)) return to_double_or_infinity(decimal);
  if (to_integer(decimal, whole) == Whole::yes) return whole;
  return decimal.negative ? Range::min() : Range::max();
}

Json cut(const std::string& text) {
  std::size_t size = std::min(text.size(), most_text);
  while (size > 0 && size < text.size() &&
         (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) {
    --size;
  }
  return text.substr(0, size);
}

}  // namespace

SchemaNodes nodes_of(const Json& node, const Json& root) {
  SchemaNodes nodes;
  collect(node, root, nodes, 0);
  return nodes;
}

SchemaNodes nodes_of_member(const SchemaNodes& nodes, const std::string& key, const Json& root) {
  SchemaNodes below;
  for (const Json* node : nodes) {
    const Json* schema = member_schema(*node, key);
    if (schema != nullptr) collect(*schema, root, below, 0);
  }
  return below;
}

SchemaNodes nodes_of_items(const SchemaNodes& nodes, const Json& root) {
  SchemaNodes below;
  for (const Json* node : nodes) {
    if (node->contains("items")) collect(node->at("items"), root, below, 0);
  }
  return below;
}

std::optional<std::vector<std::string>> closed_properties(const SchemaNodes& nodes) {
  for (const Json* node : nodes) {
    if (!node->contains("additionalProperties") || node->at("additionalProperties") != false) {
      continue;
    }
    std::vector<std::string> names;
    if (!node->contains("properties")) return names;
    for (const auto& [name, schema] : node->at("properties").items()) names.push_back(name);
    return names;
  }
  return std::nullopt;
}

std::vector<std::string> required_properties(const SchemaNodes& nodes) {
  std::vector<std::string> names;
  for (const Json* node : nodes) {
    if (!node->contains("required")) continue;
    for (const Json& name : node->at("required")) names.push_back(name.get<std::string>());
  }
  return names;
}

std::vector<Json> forms_of(const SchemaNodes& nodes, const Json& root) {
  std::vector<Json> forms;
  for (const Json* node : nodes) {
    const char* keyword = node->contains("oneOf") ? "oneOf" : "anyOf";
    if (!node->contains(keyword)) continue;
    Json common = *node;
    common.erase(keyword);
    common.erase("definitions");
    for (const Json& form : node->at(keyword)) {
      Json schema{{"allOf", Json::array({common, form})}};
      if (root.contains("definitions")) schema["definitions"] = root["definitions"];
      forms.push_back(std::move(schema));
    }
    break;
  }
  return forms;
}

std::vector<std::string> types_of(const Json& node) {
  std::vector<std::string> types;
  if (!node.contains("type")) {
    for (const Json& value : node.value("enum", Json::array())) types.emplace_back(type_of(value));
  } else if (node["type"].is_array()) {
    for (const Json& type : node["type"]) types.push_back(type.get<std::string>());
  } else {
    types.push_back(node["type"].get<std::string>());
  }
  std::sort(types.begin(), types.end());
  types.erase(std::unique(types.begin(), types.end()), types.end());
  return types;
}

bool admits(const Json& schema, const Value& value) {
  const SchemaNodes nodes = nodes_of(schema, schema);
  return std::all_of(nodes.begin(), nodes.end(), [&](const Json* node) {
    const std::vector<std::string> types = types_of(*node);
    return types.empty() || allows(types, value);
  });
}

std::vector<std::string> types_of_forms(const std::vector<Json>& forms) {
  std::vector<std::string> all;
  for (const Json& form : forms) {
    for (const Json* node : nodes_of(form, form)) {
      for (const std::string& type : types_of(*node)) {
        if (std::find(all.begin(), all.end(), type) == all.end()) all.push_back(type);
      }
    }
  }
  return all;
}

Json to_json(const Value& value) {
  switch (value.kind) {
    case Value::Kind::null:
      return nullptr;
    case Value::Kind::boolean:
      return value.text == "true";
    case Value::Kind::number:
      return number(value.text);
    case Value::Kind::string:
      return cut(value.text);
    case Value::Kind::list: {
      Json list = Json::array();
      for (const Value& item : value.items) list.push_back(to_json(item));
      return list;
    }
    case Value::Kind::map:
      break;
  }
  Json map = Json::object();
  for (const Value::Member& member : value.members) {
    if (member.value.kind != Value::Kind::null) map[member.key] = to_json(member.value);
  }
  return map;
}

}  // namespace tokenyard::config
