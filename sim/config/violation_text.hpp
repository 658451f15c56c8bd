// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "config/schema_nodes.hpp"
#include "config/value.hpp"

namespace tokenyard::config {

// Our words for a violation of the validator's about the value itself: its type, its name, its
// bounds. What has no words of ours is quoted.
std::string violation_text(const Value& value, const SchemaNodes& nodes,
                           std::string_view validators);

}  // namespace tokenyard::config
