// SPDX-License-Identifier: Apache-2.0
#include "config/json_text.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "config/units.hpp"

namespace tokenyard::config {

std::string json_string(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string json_number(double value) {
  return std::isfinite(value) ? shortest(value) : json_string(shortest(value));
}

std::string json_list(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "[" : ",") + item;
  return text.empty() ? "[]" : text + "]";
}

}  // namespace tokenyard::config
