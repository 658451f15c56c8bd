// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/value.hpp"

namespace tokenyard::config {

// The schema nodes that hold for one value: pointers into a schema.
using SchemaNodes = std::vector<const nlohmann::json*>;

// A node, its reference followed, with those it takes in by allOf.
SchemaNodes nodes_of(const nlohmann::json& node, const nlohmann::json& root);
SchemaNodes nodes_of_member(const SchemaNodes& nodes, const std::string& key,
                            const nlohmann::json& root);
SchemaNodes nodes_of_items(const SchemaNodes& nodes, const nlohmann::json& root);

// The keys that may stand here, or nothing if any may.
std::optional<std::vector<std::string>> closed_properties(const SchemaNodes& nodes);
std::vector<std::string> required_properties(const SchemaNodes& nodes);

// For each form of a oneOf or anyOf the schema of a value that is meant to have it: complete, with
// the definitions and with what holds for every form.
std::vector<nlohmann::json> forms_of(const SchemaNodes& nodes, const nlohmann::json& root);
// Whether the value is of a type that the schema allows.
bool admits(const nlohmann::json& schema, const Value& value);
// The types that some form allows.
std::vector<std::string> types_of_forms(const std::vector<nlohmann::json>& forms);

std::vector<std::string> types_of(const nlohmann::json& node);  // of one node's "type"

// A document as the validator takes it: without nulls in maps, and with long texts cut, because
// std::regex recurses once for each character.
nlohmann::json to_json(const Value& value);

}  // namespace tokenyard::config
