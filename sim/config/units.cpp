// SPDX-License-Identifier: Apache-2.0
#include "config/units.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "config/errors.hpp"
#include "config/numbers.hpp"
#include "core/contracts.hpp"

namespace tokenyard::config {
namespace {

// factor x 10^power / divisor: all three exact, so that "40 ms" is the binary64 nearest to 0.04.
struct Unit {
  std::string_view name;
  std::uint64_t factor = 1;
  int power = 0;
  double divisor = 1;
};

constexpr std::uint64_t ki = 1024, mi = ki * ki, gi = mi * ki, ti = gi * ki, pi = ti * ki;

constexpr Unit durations[] = {{"ns", 1, -9}, {"us", 1, -6}, {"ms", 1, -3}, {"s"},
                              {"min", 60},   {"h", 3600},   {"d", 86400}};
constexpr Unit tokens[] = {{"tokens"}, {"token"}, {"ktokens", 1, 3}, {"Mtokens", 1, 6}};
constexpr Unit bytes[] = {{"B"},         {"kB", 1, 3},  {"MB", 1, 6}, {"GB", 1, 9},
                          {"TB", 1, 12}, {"PB", 1, 15}, {"KiB", ki},  {"MiB", mi},
                          {"GiB", gi},   {"TiB", ti},   {"PiB", pi}};
// A bit is 125 thousandths of a byte.
constexpr Unit bandwidths[] = {{"B/s"},
                               {"kB/s", 1, 3},
                               {"MB/s", 1, 6},
                               {"GB/s", 1, 9},
                               {"TB/s", 1, 12},
                               {"PB/s", 1, 15},
                               {"KiB/s", ki},
                               {"MiB/s", mi},
                               {"GiB/s", gi},
                               {"TiB/s", ti},
                               {"bit/s", 125, -3},
                               {"kbit/s", 125},
                               {"Mbit/s", 125, 3},
                               {"Gbit/s", 125, 6},
                               {"Tbit/s", 125, 9}};
constexpr Unit flops[] = {{"FLOP"},         {"kFLOP", 1, 3},  {"MFLOP", 1, 6},  {"GFLOP", 1, 9},
                          {"TFLOP", 1, 12}, {"PFLOP", 1, 15}, {"EFLOP", 1, 18}, {"ZFLOP", 1, 21}};
constexpr Unit flop_rates[] = {{"FLOP/s"},        {"kFLOP/s", 1, 3},  {"MFLOP/s", 1, 6},
                               {"GFLOP/s", 1, 9}, {"TFLOP/s", 1, 12}, {"PFLOP/s", 1, 15},
                               {"EFLOP/s", 1, 18}};
constexpr Unit powers[] = {{"mW", 1, -3}, {"W"}, {"kW", 1, 3}, {"MW", 1, 6}, {"GW", 1, 9}};
constexpr Unit price_rates[] = {{"USD/h"}, {"USD/min", 60}, {"USD/s", 3600}, {"USD/d", 1, 0, 24}};
constexpr Unit energy_prices[] = {{"USD/kWh"}, {"USD/MWh", 1, -3}};
constexpr Unit carbon_intensities[] = {{"g/kWh"}, {"kg/kWh", 1, 3}, {"kg/MWh"}};
constexpr Unit rates[] = {{"1/s"}, {"1/min", 1, 0, 60}, {"1/h", 1, 0, 3600}, {"1/d", 1, 0, 86400},
                          {"/s"},  {"/min", 1, 0, 60},  {"/h", 1, 0, 3600},  {"/d", 1, 0, 86400}};
constexpr Unit token_prices[] = {{"USD/Mtoken"}, {"USD/ktoken", 1, 3}};
constexpr Unit token_rates[] = {{"tokens/s"}, {"ktokens/s", 1, 3}};
constexpr Unit sums[] = {{"USD"}, {"kUSD", 1, 3}, {"MUSD", 1, 6}};
constexpr Unit power_rents[] = {{"USD/kW-month"}};
constexpr Unit data_prices[] = {{"USD/GB"}, {"USD/TB", 1, -3}};
constexpr Unit fractions[] = {{"%", 1, -2}};

struct Measure {
  Dimension dimension;
  std::string_view noun;  // "a unit of ..."
  std::string_view si;
  std::string_view example;
  std::span<const Unit> units;
};

constexpr Measure measures[] = {
    {Dimension::duration, "duration", "s", "'2 h'", durations},
    {Dimension::tokens, "tokens", "tokens", "8192", tokens},
    {Dimension::bytes, "size", "B", "'80 GB'", bytes},
    {Dimension::bandwidth, "bandwidth", "B/s", "'400 GB/s'", bandwidths},
    {Dimension::flops, "computation", "FLOP", "'2 TFLOP'", flops},
    {Dimension::flop_rate, "computing speed", "FLOP/s", "'989 TFLOP/s'", flop_rates},
    {Dimension::power, "power", "W", "'700 W'", powers},
    {Dimension::price_rate, "price per time", "USD/h", "'2.5 USD/h'", price_rates},
    {Dimension::energy_price, "energy price", "USD/kWh", "'0.08 USD/kWh'", energy_prices},
    {Dimension::carbon_intensity, "carbon intensity", "g/kWh", "'380 g/kWh'", carbon_intensities},
    {Dimension::rate, "rate", "1/s", "'5 1/s'", rates},
    {Dimension::token_price, "price of tokens", "USD/Mtoken", "'3 USD/Mtoken'", token_prices},
    {Dimension::token_rate, "speed of tokens", "tokens/s", "'2000 tokens/s'", token_rates},
    {Dimension::money, "sum of money", "USD", "'250 kUSD'", sums},
    {Dimension::power_rent, "rent of power", "USD/kW-month", "'200 USD/kW-month'", power_rents},
    {Dimension::data_price, "price of data", "USD/GB", "'0.02 USD/GB'", data_prices},
    {Dimension::fraction, "fraction", "1", "'70 %' or 0.7", fractions},
};

constexpr bool in_order_of_the_enumeration() {
  for (std::size_t i = 0; i < std::size(measures); ++i) {
    if (measures[i].dimension != static_cast<Dimension>(i)) return false;
  }
  return std::size(measures) == static_cast<std::size_t>(Dimension::fraction) + 1;
}
static_assert(in_order_of_the_enumeration());

const Measure& measure_of(Dimension dimension) {
  return measures[static_cast<std::size_t>(dimension)];
}

std::string unit_names(const Measure& measure) {
  std::string names;
  for (const Unit& unit : measure.units)
    names += (names.empty() ? "" : ", ") + std::string(unit.name);
  return names;
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

const Unit* find_unit(std::span<const Unit> units, std::string_view name) {
  const auto found =
      std::find_if(units.begin(), units.end(), [&](const Unit& unit) { return unit.name == name; });
  return found == units.end() ? nullptr : &*found;
}

// "Mb/s" and "Mbps" are megabits to some and megabytes to others: ask, do not guess.
std::string meant_bits_or_bytes(std::string_view unit) {
  for (const std::string_view ending : {"b/s", "bps", "Bps"}) {
    if (!unit.ends_with(ending)) continue;
    const std::string prefix(unit.substr(0, unit.size() - ending.size()));
    if (find_unit(bandwidths, prefix + "bit/s") == nullptr) continue;
    return "did you mean '" + prefix + "bit/s' (bits) or '" + prefix + "B/s' (bytes)?";
  }
  return "";
}

std::string unknown_unit(std::string_view unit, const Measure& measure) {
  std::string text = in_quotes(unit) + " is not a unit of " + std::string(measure.noun) + " (" +
                     unit_names(measure) + "); ";
  const std::string ambiguous =
      measure.dimension == Dimension::bandwidth ? meant_bits_or_bytes(unit) : "";
  if (!ambiguous.empty()) return text + ambiguous;
  std::vector<std::string> names;
  for (const Unit& known : measure.units) names.emplace_back(known.name);
  const std::string meant = nearest(std::string(unit), names);
  if (!meant.empty()) return text + "did you mean '" + meant + "'?";
  return text + "write it like " + std::string(measure.example);
}

struct Parts {
  Decimal number;
  const Unit* unit = nullptr;  // null for a bare number
  std::string problem;
};

Parts split(std::string_view text, const Measure& measure) {
  Parts parts;
  text = without_blanks(text);
  const std::size_t length = number_length(text);
  const std::string_view rest = text.substr(length);
  if (length == 0 || (!rest.empty() &&
                      std::string_view("0123456789._,'").find(rest[0]) != std::string_view::npos)) {
    parts.problem =
        names_no_finite_number(text)
            ? not_a_number(text)
            : in_quotes(text) + " is not a number with a unit; " + how_to_write(measure.dimension);
    return parts;
  }
  parts.number = parse_decimal(text.substr(0, length));
  const std::string_view name = without_blanks(rest);
  if (name.empty()) return parts;
  parts.unit = find_unit(measure.units, name);
  if (parts.unit == nullptr) parts.problem = unknown_unit(name, measure);
  return parts;
}

void scale(Parts& parts) {
  if (parts.unit == nullptr) return;
  parts.number.multiply(parts.unit->factor);
  parts.number.exponent += parts.unit->power;
}

std::string no_unit(std::string_view text, Dimension dimension) {
  return in_quotes(text) + " has no unit; " + how_to_write(dimension);
}

}  // namespace

ParsedQuantity parse_quantity(std::string_view text, Dimension dimension) {
  if (dimension == Dimension::tokens) {
    ParsedWhole whole = parse_whole_quantity(text, dimension);
    return {static_cast<double>(whole.value), std::move(whole.problem)};
  }
  Parts parts = split(text, measure_of(dimension));
  if (!parts.problem.empty()) return {0, parts.problem};
  const bool bare = parts.unit == nullptr;
  if (bare && dimension != Dimension::fraction) return {0, no_unit(text, dimension)};
  scale(parts);
  const std::optional<double> value = to_double(parts.number);
  if (!value) return {0, in_quotes(text) + " is not a finite number"};
  if (bare && !(*value >= 0 && *value <= 1)) {
    return {0, in_quotes(text) + " is not between 0 and 1; " + how_to_write(dimension)};
  }
  return {bare ? *value : *value / parts.unit->divisor, ""};
}

ParsedWhole parse_whole_quantity(std::string_view text, Dimension dimension) {
  SIM_EXPECT(dimension == Dimension::tokens || dimension == Dimension::bytes);
  const Measure& measure = measure_of(dimension);
  Parts parts = split(text, measure);
  if (!parts.problem.empty()) return {0, parts.problem};
  const bool bare = parts.unit == nullptr;
  if (bare && dimension == Dimension::bytes) return {0, no_unit(text, dimension)};
  if (bare && !is_integer_text(text)) return {0, not_whole(text)};
  scale(parts);
  std::int64_t value = 0;
  switch (to_integer(parts.number, value)) {
    case Whole::yes:
      return {value, ""};
    case Whole::fractional:
      return {0, in_quotes(text) + " is not a whole number of " + std::string(measure.si) +
                     "; use fewer digits"};
    case Whole::too_large:
      break;
  }
  return {0, in_quotes(text) + " is too large (at most 9223372036854775807 " +
                 std::string(measure.si) + ")"};
}

std::string how_to_write(Dimension dimension) {
  const Measure& measure = measure_of(dimension);
  const std::string text = "write it like " + std::string(measure.example);
  return dimension == Dimension::fraction ? text : text + " (" + unit_names(measure) + ")";
}

std::string_view si_unit(Dimension dimension) { return measure_of(dimension).si; }

std::string shortest(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value + 0.0).ptr;
  return std::string(text.data(), end);
}

}  // namespace tokenyard::config
