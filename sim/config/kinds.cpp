// SPDX-License-Identifier: Apache-2.0
#include "config/kinds.hpp"

#include <algorithm>

#include "config/numbers.hpp"

namespace tokenyard::config {
namespace {

struct Type {
  std::string_view name;
  std::string_view wanted;
  std::string_view advice;
};

constexpr Type types[] = {
    {"object", "a map", "write 'key: value' lines"},
    {"array", "a list", "write it like [a, b]"},
    {"string", "a text", "write one, in quotes if need be"},
    {"number", "a number", "write it like 1000, 0.5 or 2e-3"},
    {"integer", "a whole number", "write digits only, like 12"},
    {"boolean", "true or false", "write one of them"},
    {"null", "nothing", "leave it out"},
};

const Type& type_named(std::string_view name) {
  const auto found = std::find_if(std::begin(types), std::end(types),
                                  [&](const Type& type) { return type.name == name; });
  return found == std::end(types) ? types[2] : *found;
}

bool wants_number(const std::string& type) { return type == "number" || type == "integer"; }

}  // namespace

bool is_of_type(const Value& value, std::string_view type) {
  switch (value.kind) {
    case Value::Kind::null:
      return type == "null";
    case Value::Kind::boolean:
      return type == "boolean";
    case Value::Kind::number:
      return type == "number" || (type == "integer" && is_integer_text(value.text));
    case Value::Kind::string:
      return type == "string";
    case Value::Kind::list:
      return type == "array";
    case Value::Kind::map:
      return type == "object";
  }
  return false;
}

std::string found_text(const Value& value) {
  switch (value.kind) {
    case Value::Kind::null:
      return "nothing";
    case Value::Kind::boolean:
    case Value::Kind::number:
      return brief(value.text);
    case Value::Kind::string:
      return in_quotes(value.text);
    case Value::Kind::list:
      return "a list";
    case Value::Kind::map:
      return "a map";
  }
  return "";
}

std::string wrong_type(const Value& value, const std::vector<std::string>& wanted) {
  if (std::all_of(wanted.begin(), wanted.end(), wants_number)) {
    if (value.kind == Value::Kind::number) return not_whole(value.text);
    if (value.kind == Value::Kind::string) return not_a_number(value.text);
  }
  std::string text = found_text(value) + " where ";
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    text += (i == 0 ? "" : " or ") + std::string(type_named(wanted[i]).wanted);
  }
  text += " is wanted; ";
  if (wanted.size() > 1) return text + "write one of these";
  if (wanted[0] == "string" && value.is_scalar() && value.kind != Value::Kind::null) {
    return text + "put it in quotes";
  }
  return text + std::string(type_named(wanted[0]).advice);
}

}  // namespace tokenyard::config
