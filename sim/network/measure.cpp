// SPDX-License-Identifier: Apache-2.0
#include "network/measure.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>

#include "config/errors.hpp"
#include "config/numbers.hpp"
#include "core/contracts.hpp"

namespace tokenyard::network {
namespace {

constexpr std::array<std::string_view, 9> decimal{"", "k", "M", "G", "T", "P", "E", "Z", "Y"};
constexpr std::array<std::string_view, 9> binary{"",   "Ki", "Mi", "Gi", "Ti",
                                                 "Pi", "Ei", "Zi", "Yi"};
constexpr std::array<std::string_view, 9> spelled{"",     "kilo", "mega",  "giga", "tera",
                                                  "peta", "exa",  "zetta", "yotta"};

// One of the prefixes before `name`, as the factor it stands for.
std::optional<double> prefixed(std::string_view unit, std::string_view name,
                               std::span<const std::string_view> prefixes, double base) {
  if (!unit.ends_with(name)) return std::nullopt;
  unit.remove_suffix(name.size());
  double factor = 1;
  for (const std::string_view prefix : prefixes) {
    if (unit == prefix) return factor;
    factor *= base;
  }
  return std::nullopt;
}

std::optional<double> speed(std::string_view unit) {
  const auto factor = prefixed(unit, "f", decimal, 1000);
  return factor ? factor : prefixed(unit, "flops", spelled, 1000);
}

std::optional<double> bandwidth(std::string_view unit) {
  for (const std::string_view name : {"Bps", "bps"}) {
    auto factor = prefixed(unit, name, decimal, 1000);
    if (!factor) factor = prefixed(unit, name, binary, 1024);
    if (factor) return name == "bps" ? *factor / 8 : *factor;
  }
  return std::nullopt;
}

std::optional<double> latency(std::string_view unit) {
  struct Unit {
    std::string_view name;
    double seconds;
  };
  constexpr std::array<Unit, 9> units{{{"w", 604800},
                                       {"d", 86400},
                                       {"h", 3600},
                                       {"m", 60},
                                       {"s", 1},
                                       {"ms", 1e-3},
                                       {"us", 1e-6},
                                       {"ns", 1e-9},
                                       {"ps", 1e-12}}};
  for (const Unit& known : units) {
    if (unit == known.name) return known.seconds;
  }
  return std::nullopt;
}

std::optional<double> factor_of(std::string_view unit, Measure measure) {
  switch (measure) {
    case Measure::speed:
      return speed(unit);
    case Measure::bandwidth:
      return bandwidth(unit);
    case Measure::latency:
      return latency(unit);
  }
  return std::nullopt;
}

std::string such_as(Measure measure) {
  switch (measure) {
    case Measure::speed:
      return "; write a number with its unit, such as 1Gf";
    case Measure::bandwidth:
      return "; write a number with its unit, such as 400GBps";
    case Measure::latency:
      return "; write a number with its unit, such as 5us";
  }
  return "";
}

}  // namespace

double quantity(std::string_view text, Measure measure) {
  const std::size_t length = config::number_length(text);
  const std::optional<double> factor = factor_of(text.substr(length), measure);
  double number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + length, number);
  SIM_EXPECT(length > 0 && factor && parsed.ec == std::errc());
  return number * *factor;
}

std::string problem_of_quantity(std::string_view text, Measure measure) {
  using config::in_quotes;
  const std::size_t length = config::number_length(text);
  if (length == 0) return in_quotes(text) + " does not start with a number" + such_as(measure);
  const std::string_view unit = text.substr(length);
  if (unit.empty()) return in_quotes(text) + " has no unit" + such_as(measure);
  if (unit.front() == ' ') {
    return in_quotes(text) + " has a blank, which SimGrid does not read" + such_as(measure);
  }
  const std::optional<double> factor = factor_of(unit, measure);
  if (!factor) return in_quotes(unit) + " is not a unit that fits here" + such_as(measure);

  double number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + length, number);
  const double value = number * *factor;
  if (parsed.ec != std::errc() || !std::isfinite(value)) {
    return in_quotes(text) + " is beyond the numbers that SimGrid can hold" + such_as(measure);
  }
  if (measure == Measure::latency && value < 0) {
    return in_quotes(text) + " is negative; write 0us or more";
  }
  if (measure != Measure::latency && value <= 0) {
    return in_quotes(text) + " is not above zero" + such_as(measure);
  }
  return "";
}

std::string problem_of_count(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool is_count = !text.empty() && text.size() <= 9 && text.front() != '0' &&
                        std::all_of(text.begin(), text.end(), is_digit);
  return is_count ? "" : config::in_quotes(text) + " is not a whole number from 1; write one";
}

}  // namespace tokenyard::network
