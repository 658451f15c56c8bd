// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/value.hpp"

namespace tokenyard::config {

// fleet + pools -> fleet.pools; a key with dots or brackets in it goes into a bracket.
std::string member_path(std::string_view parent, std::string_view key);

// fleet.pools + chat -> fleet.pools[chat]
std::string element_path(std::string_view list, std::string_view label);

// What names each element of a list in paths: its scalar `name` if no other element has the same
// and it does not look like a number, else its number from 0.
std::vector<std::string> element_labels(const Value& list);

// The steps of a path as assign() takes it. Throws std::invalid_argument with a text for users.
struct Step {
  std::string name;
  bool bracket = false;
};
std::vector<Step> parse_path(std::string_view path);

}  // namespace tokenyard::config
