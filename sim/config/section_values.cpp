// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

#include "config/json_text.hpp"
#include "config/kinds.hpp"
#include "config/scalars.hpp"
#include "config/section.hpp"
#include "core/contracts.hpp"

namespace tokenyard::config {
namespace {

// How a type is read, bounded and written down. A plain type has no unit.
template <class T>
struct Reader {
  static std::string parse(const Value& value, T& result) { return parse_scalar(value, result); }
  static T make(double number) {
    if constexpr (std::is_arithmetic_v<T>) return static_cast<T>(std::ceil(number));
    return T{};
  }
  static double size(const T& value) {
    if constexpr (std::is_arithmetic_v<T>) return static_cast<double>(value);
    return 0;
  }
  static std::string json(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      return value ? "true" : "false";
    } else if constexpr (std::is_integral_v<T>) {
      return std::to_string(value);
    } else if constexpr (std::is_floating_point_v<T>) {
      return json_number(value);
    } else {
      return json_string(value);
    }
  }
  static std::string_view unit() { return ""; }
};

template <>
double Reader<double>::make(double number) {
  return number;
}

template <class T, Dimension dimension>
struct QuantityReader {
  static std::string parse(const Value& value, T& result) {
    double number = 0;
    std::string problem = parse_quantity(value, dimension, number);
    result = T{number};
    return problem;
  }
  static T make(double number) { return T{number}; }
  static double size(const T& quantity) { return quantity.value(); }
  static std::string json(const T& quantity) { return json_number(quantity.value()); }
  static std::string_view unit() { return si_unit(dimension); }
};

template <class T, Dimension dimension>
struct WholeReader {
  static std::string parse(const Value& value, T& result) {
    std::int64_t number = 0;
    std::string problem = parse_whole(value, dimension, number);
    result = T{number};
    return problem;
  }
  static T make(double number) { return T{static_cast<std::int64_t>(std::ceil(number))}; }
  static double size(const T& quantity) { return static_cast<double>(quantity.value()); }
  static std::string json(const T& quantity) { return std::to_string(quantity.value()); }
  static std::string_view unit() { return si_unit(dimension); }
};

template <>
struct Reader<Duration> : QuantityReader<Duration, Dimension::duration> {};
template <>
struct Reader<BytesPerSecond> : QuantityReader<BytesPerSecond, Dimension::bandwidth> {};
template <>
struct Reader<Flops> : QuantityReader<Flops, Dimension::flops> {};
template <>
struct Reader<FlopsPerSecond> : QuantityReader<FlopsPerSecond, Dimension::flop_rate> {};
template <>
struct Reader<Watts> : QuantityReader<Watts, Dimension::power> {};
template <>
struct Reader<DollarsPerHour> : QuantityReader<DollarsPerHour, Dimension::price_rate> {};
template <>
struct Reader<Tokens> : WholeReader<Tokens, Dimension::tokens> {};
template <>
struct Reader<Bytes> : WholeReader<Bytes, Dimension::bytes> {};

template <>
struct Reader<Fraction> {
  static std::string parse(const Value& value, Fraction& result) {
    return parse_quantity(value, Dimension::fraction, result.value);
  }
  static Fraction make(double number) { return {number}; }
  static double size(const Fraction& fraction) { return fraction.value; }
  static std::string json(const Fraction& fraction) { return json_number(fraction.value); }
  static std::string_view unit() { return si_unit(Dimension::fraction); }
};

}  // namespace

template <class T>
std::optional<T> Section::read(std::string_view key, Limits limits) {
  const Value* value = take(key);
  if (value == nullptr) return std::nullopt;
  T result{};
  std::string problem = Reader<T>::parse(*value, result);
  if (problem.empty()) {
    const double size = Reader<T>::size(result);
    problem = beyond_limits(size, found_text(*value), limits, Reader<T>::unit());
  }
  if (!problem.empty()) {
    note(spot(*value, key), std::move(problem));
    return std::nullopt;
  }
  record(key, Reader<T>::json(result), Reader<T>::unit(), Resolved::Origin::given);
  return result;
}

template <class T>
T Section::required(std::string_view key, Limits limits) {
  if (std::optional<T> value = read<T>(key, limits)) return *std::move(value);
  if (!has(key)) missing(key);
  return Reader<T>::make(harmless(limits));
}

template <class T>
T Section::optional(std::string_view key, T fallback, Limits limits) {
  if (std::optional<T> value = read<T>(key, limits)) return *std::move(value);
  if (!has(key)) {
    record(key, Reader<T>::json(fallback), Reader<T>::unit(), Resolved::Origin::by_default);
  }
  return fallback;
}

template <class T>
std::optional<T> Section::maybe(std::string_view key, Limits limits) {
  return read<T>(key, limits);
}

std::optional<double> Section::read_quantity(std::string_view key, Dimension dimension,
                                             Limits limits) {
  const Value* value = take(key);
  if (value == nullptr) return std::nullopt;
  double number = 0;
  std::string problem = parse_quantity(*value, dimension, number);
  if (problem.empty()) {
    problem = beyond_limits(number, found_text(*value), limits, si_unit(dimension));
  }
  if (!problem.empty()) {
    note(spot(*value, key), std::move(problem));
    return std::nullopt;
  }
  record(key, json_number(number), si_unit(dimension), Resolved::Origin::given);
  return number;
}

double Section::required_quantity(std::string_view key, Dimension dimension, Limits limits) {
  if (const auto number = read_quantity(key, dimension, limits)) return *number;
  if (!has(key)) missing(key);
  return harmless(limits);
}

double Section::optional_quantity(std::string_view key, Dimension dimension, double fallback,
                                  Limits limits) {
  if (const auto number = read_quantity(key, dimension, limits)) return *number;
  if (!has(key)) {
    record(key, json_number(fallback), si_unit(dimension), Resolved::Origin::by_default);
  }
  return fallback;
}

std::optional<std::size_t> Section::read_choice(std::string_view key,
                                                std::span<const std::string_view> names) {
  SIM_EXPECT(!names.empty());
  const Value* value = take(key);
  if (value == nullptr) return std::nullopt;
  const auto found = std::find(names.begin(), names.end(), value->text);
  if (!value->is_scalar()) {
    note(spot(*value, key), wrong_type(*value, {"string"}));
  } else if (found == names.end()) {
    note(spot(*value, key), unknown_name(value->text, {names.begin(), names.end()}));
  } else {
    record(key, json_string(*found), "", Resolved::Origin::given);
    return static_cast<std::size_t>(found - names.begin());
  }
  return std::nullopt;
}

std::size_t Section::choice(std::string_view key, std::span<const std::string_view> names) {
  if (const auto index = read_choice(key, names)) return *index;
  if (!has(key)) missing(key);
  return 0;
}

std::size_t Section::choice(std::string_view key, std::span<const std::string_view> names,
                            std::size_t fallback) {
  SIM_EXPECT(fallback < names.size());
  if (const auto index = read_choice(key, names)) return *index;
  if (!has(key)) record(key, json_string(names[fallback]), "", Resolved::Origin::by_default);
  return fallback;
}

#define INSTANTIATE(T)                                          \
  template T Section::required<T>(std::string_view, Limits);    \
  template T Section::optional<T>(std::string_view, T, Limits); \
  template std::optional<T> Section::maybe<T>(std::string_view, Limits);

INSTANTIATE(bool)
INSTANTIATE(std::int64_t)
INSTANTIATE(std::uint64_t)
INSTANTIATE(double)
INSTANTIATE(std::string)
INSTANTIATE(Fraction)
INSTANTIATE(Duration)
INSTANTIATE(Tokens)
INSTANTIATE(Bytes)
INSTANTIATE(BytesPerSecond)
INSTANTIATE(Flops)
INSTANTIATE(FlopsPerSecond)
INSTANTIATE(Watts)
INSTANTIATE(DollarsPerHour)
#undef INSTANTIATE

}  // namespace tokenyard::config
