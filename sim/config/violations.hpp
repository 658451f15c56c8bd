// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "config/value.hpp"

namespace tokenyard::config {

// What the validator says, where.
struct Violation {
  std::vector<std::string> at;  // keys and list numbers from the root
  std::string text;
};

// All violations, those of parents that follow from their children's among them. Empty if and
// only if the target is valid. (schema.cpp; the only function that knows the validator)
std::vector<Violation> validate(const nlohmann::json& schema, const nlohmann::json& target);

// Notes the violations of a document as mistakes with their places, in our words.
void note_violations(const Document& document, const nlohmann::json& schema, Mistakes& mistakes);

}  // namespace tokenyard::config
