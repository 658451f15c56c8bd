// SPDX-License-Identifier: Apache-2.0
#include "config/scalars.hpp"

#include <cmath>
#include <limits>
#include <optional>

#include "config/kinds.hpp"
#include "config/numbers.hpp"

namespace tokenyard::config {
namespace {

template <class Integer>
std::string parse_integer(const Value& value, Integer& result) {
  if (!is_of_type(value, "integer")) return wrong_type(value, {"integer"});
  const Decimal number = parse_decimal(value.text);
  if (number.negative && !std::numeric_limits<Integer>::is_signed && !number.digits.empty()) {
    return brief(value.text) + " is below 0";
  }
  if (to_integer(number, result) == Whole::yes) return "";
  return brief(value.text) + " is out of range (" +
         std::to_string(std::numeric_limits<Integer>::min()) + " to " +
         std::to_string(std::numeric_limits<Integer>::max()) + ")";
}

std::string wrong_quantity(const Value& value, Dimension dimension) {
  return found_text(value) + " where a quantity is wanted; " + how_to_write(dimension);
}

bool may_be_quantity(const Value& value) {
  return value.kind == Value::Kind::string || value.kind == Value::Kind::number;
}

// A bound as a person would write it.
std::string bound_text(double bound, std::string_view unit) {
  const bool whole = std::abs(bound) < 1e15 && bound == std::floor(bound);
  std::string text = whole ? std::to_string(static_cast<std::int64_t>(bound)) : shortest(bound);
  if (bound != 0 && !unit.empty() && unit != "1") text += " " + std::string(unit);
  return text;
}

}  // namespace

std::string parse_scalar(const Value& value, bool& result) {
  if (value.kind != Value::Kind::boolean) return wrong_type(value, {"boolean"});
  result = value.text == "true";
  return "";
}

std::string parse_scalar(const Value& value, std::int64_t& result) {
  return parse_integer(value, result);
}

std::string parse_scalar(const Value& value, std::uint64_t& result) {
  return parse_integer(value, result);
}

std::string parse_scalar(const Value& value, double& result) {
  if (value.kind != Value::Kind::number) return wrong_type(value, {"number"});
  const std::optional<double> number = to_double(parse_decimal(value.text));
  if (!number) return brief(value.text) + " is not a finite number";
  result = *number + 0.0;  // no negative zero
  return "";
}

std::string parse_scalar(const Value& value, std::string& result) {
  if (value.kind != Value::Kind::string) return wrong_type(value, {"string"});
  result = value.text;
  return "";
}

std::string parse_quantity(const Value& value, Dimension dimension, double& result) {
  if (!may_be_quantity(value)) return wrong_quantity(value, dimension);
  ParsedQuantity parsed = parse_quantity(value.text, dimension);
  result = parsed.value;
  return parsed.problem;
}

std::string parse_whole(const Value& value, Dimension dimension, std::int64_t& result) {
  if (!may_be_quantity(value)) return wrong_quantity(value, dimension);
  ParsedWhole parsed = parse_whole_quantity(value.text, dimension);
  result = parsed.value;
  return parsed.problem;
}

std::string beyond_limits(double number, const std::string& shown, Limits limits,
                          std::string_view unit) {
  if (number < limits.least) {
    if (limits.least == positive.least) return shown + " is not above 0";
    return shown + " is below " + bound_text(limits.least, unit);
  }
  if (number > limits.most) return shown + " is above " + bound_text(limits.most, unit);
  return "";
}

double harmless(Limits limits) {
  for (const double number : {0.0, 1.0, limits.least, limits.most}) {
    if (std::isfinite(number) && number >= limits.least && number <= limits.most) return number;
  }
  return 0;
}

std::string too_few(std::size_t count, std::size_t least) {
  return std::to_string(count) + (count == 1 ? " element" : " elements") + " where at least " +
         std::to_string(least) + " must be; add more";
}

}  // namespace tokenyard::config
