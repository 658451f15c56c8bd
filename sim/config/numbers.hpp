// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tokenyard::config {

// A decimal number as written, exactly: digits x 10^exponent. Scaling by a unit happens here, so
// that a quantity is rounded once, by std::from_chars, which knows no locale.
struct Decimal {
  bool negative = false;
  std::string digits;  // without leading zeros; empty for zero
  std::int64_t exponent = 0;

  void multiply(std::uint64_t factor);  // factor < 2^60
};

// Bytes of the number by JSON's grammar at the start of `text`; 0 if there is none.
std::size_t number_length(std::string_view text);
inline bool is_number(std::string_view text) {
  return !text.empty() && number_length(text) == text.size();
}
bool is_integer_text(std::string_view number);  // no point, no exponent

// `number` by JSON's grammar.
Decimal parse_decimal(std::string_view number);

// The nearest binary64, or nothing if the number is beyond the finite ones.
std::optional<double> to_double(const Decimal& number);
double to_double_or_infinity(const Decimal& number);

enum class Whole : std::uint8_t { yes, fractional, too_large };
// Exact, or the reason why not.
Whole to_integer(const Decimal& number, std::int64_t& value);
Whole to_integer(const Decimal& number, std::uint64_t& value);  // negative ones are too_large

// What to say of a text where a number is wanted, of a number where a whole one is wanted.
std::string not_a_number(std::string_view text);
std::string not_whole(std::string_view number);
bool names_no_finite_number(std::string_view text);  // nan, .inf, -Infinity ...

}  // namespace tokenyard::config
