// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/value.hpp"

namespace tokenyard::config {

// Whether a value is of a type as JSON Schema names them: object, array, string, number, integer,
// boolean, null.
bool is_of_type(const Value& value, std::string_view type);

// What to say of a value that is of none of the wanted types (at least one).
std::string wrong_type(const Value& value, const std::vector<std::string>& wanted);

// "a list", "nothing", "'abc'", "3.5"
std::string found_text(const Value& value);

}  // namespace tokenyard::config
