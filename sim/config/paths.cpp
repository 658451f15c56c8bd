// SPDX-License-Identifier: Apache-2.0
#include "config/paths.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace tokenyard::config {
namespace {

// The scalar `name` of an element, or "" if it has none or it would read as a number.
std::string_view own_name(const Value& element) {
  if (element.kind != Value::Kind::map) return {};
  const Value* name = element.find("name");
  if (name == nullptr || !name->is_scalar()) return {};
  const bool number = name->text.find_first_not_of("0123456789") == std::string::npos;
  return number ? std::string_view{} : std::string_view(name->text);
}

}  // namespace

std::string element_path(std::string_view list, std::string_view label) {
  return std::string(list) + "[" + std::string(label) + "]";
}

std::string member_path(std::string_view parent, std::string_view key) {
  if (key.empty() || key.find_first_of(".[]") != std::string_view::npos) {
    return element_path(parent, key);
  }
  return parent.empty() ? std::string(key) : std::string(parent) + "." + std::string(key);
}

std::vector<std::string> element_labels(const Value& list) {
  std::map<std::string_view, int> uses;
  for (const Value& item : list.items) ++uses[own_name(item)];
  std::vector<std::string> labels;
  labels.reserve(list.items.size());
  for (const Value& item : list.items) {
    const std::string_view name = own_name(item);
    const bool unique = !name.empty() && uses[name] == 1;
    labels.push_back(unique ? std::string(name) : std::to_string(labels.size()));
  }
  return labels;
}

std::vector<Step> parse_path(std::string_view path) {
  std::vector<Step> steps;
  while (!path.empty()) {
    if (path.front() == '[') {
      const std::size_t end = path.find(']');
      if (end == std::string_view::npos) throw std::invalid_argument("'[' without ']'; close it");
      steps.push_back({std::string(path.substr(1, end - 1)), true});
      path.remove_prefix(end + 1);
      continue;
    }
    if (!steps.empty()) {
      if (path.front() != '.')
        throw std::invalid_argument("']' is followed by neither '.' nor '['");
      path.remove_prefix(1);
    }
    const std::size_t end = std::min(path.find_first_of(".["), path.size());
    if (end == 0) throw std::invalid_argument("an empty step; write it like fleet.pools[chat]");
    steps.push_back({std::string(path.substr(0, end)), false});
    path.remove_prefix(end);
  }
  if (steps.empty()) throw std::invalid_argument("an empty path; write it like fleet.pools[chat]");
  return steps;
}

}  // namespace tokenyard::config
