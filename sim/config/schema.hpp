// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/value.hpp"

namespace tokenyard::config {

// The policy lists by name ("routers" -> least-loaded, ...), which fill a schema's enumerations.
// Every list that a schema names must be among them.
using Lists = std::map<std::string, std::vector<std::string>, std::less<>>;

// The embedded schema files, by name: "scenario", "study", "workload".
std::string_view schema_text(std::string_view name);

// The schema with the enumeration of each node that has "x-list": NAME replaced by that list,
// formatted as the committed file is: what configs/NAME.schema.json must contain.
std::string schema_with_lists(std::string_view name, const Lists& lists);
std::string text_with_lists(std::string_view schema, const Lists& lists);  // of any schema's text

// Validates the document against the schema (JSON Schema draft 7, by valijson) and notes each
// violation at its place: unknown keys (with the one that was meant), missing keys, wrong types,
// names that are not in a list. A member that is null counts as absent.
void check_schema(const Document& document, std::string_view name, const Lists& lists,
                  Mistakes& mistakes);
void check_schema_text(const Document& document, std::string_view schema, const Lists& lists,
                       Mistakes& mistakes);

}  // namespace tokenyard::config
