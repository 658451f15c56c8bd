// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tokenyard::config {

// Canonical JSON: one text for each value.
std::string json_string(std::string_view text);
std::string json_number(double value);  // a string for what is not finite
std::string json_list(const std::vector<std::string>& items);

}  // namespace tokenyard::config
