// SPDX-License-Identifier: Apache-2.0
#include "config/numbers.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

#include "config/errors.hpp"
#include "core/contracts.hpp"

namespace tokenyard::config {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t digits_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_digit(text[end])) ++end;
  return end - at;
}

// Exponents beyond any binary64, so that sums of them cannot overflow.
constexpr std::int64_t most_exponent = 1'000'000'000'000;

std::int64_t parse_exponent(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) {
    return text.starts_with('-') ? -most_exponent : most_exponent;
  }
  return std::clamp(value, -most_exponent, most_exponent);
}

void drop_leading_zeros(std::string& digits) {
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
}

}  // namespace

std::size_t number_length(std::string_view text) {
  std::size_t end = text.starts_with('-') ? 1 : 0;
  const std::size_t whole = digits_at(text, end);
  if (whole == 0) return 0;
  end += text[end] == '0' ? 1 : whole;
  if (end < text.size() && text[end] == '.') {
    const std::size_t fraction = digits_at(text, end + 1);
    if (fraction == 0) return end;
    end += 1 + fraction;
  }
  if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
    std::size_t power = end + 1;
    if (power < text.size() && (text[power] == '+' || text[power] == '-')) ++power;
    const std::size_t size = digits_at(text, power);
    if (size > 0) end = power + size;
  }
  return end;
}

bool is_integer_text(std::string_view number) {
  return number.find_first_of(".eE") == std::string_view::npos;
}

Decimal parse_decimal(std::string_view number) {
  SIM_EXPECT(is_number(number));
  Decimal decimal;
  decimal.negative = number.starts_with('-');
  if (decimal.negative) number.remove_prefix(1);
  const std::size_t power = std::min(number.find_first_of("eE"), number.size());
  if (power < number.size()) decimal.exponent = parse_exponent(number.substr(power + 1));
  number = number.substr(0, power);
  const std::size_t point = std::min(number.find('.'), number.size());
  decimal.digits = number.substr(0, point);
  if (point < number.size()) {
    decimal.digits += number.substr(point + 1);
    decimal.exponent -= static_cast<std::int64_t>(number.size() - point - 1);
  }
  drop_leading_zeros(decimal.digits);
  return decimal;
}

void Decimal::multiply(std::uint64_t factor) {
  SIM_EXPECT(factor < (std::uint64_t{1} << 60));
  std::uint64_t carry = 0;
  for (std::size_t i = digits.size(); i-- > 0;) {
    carry += static_cast<std::uint64_t>(digits[i] - '0') * factor;
    digits[i] = static_cast<char>('0' + carry % 10);
    carry /= 10;
  }
  if (carry > 0) digits.insert(0, std::to_string(carry));
  drop_leading_zeros(digits);
}

std::optional<double> to_double(const Decimal& number) {
  if (number.digits.empty()) return 0.0;
  const std::string text =
      (number.negative ? "-" : "") + number.digits + "e" + std::to_string(number.exponent);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && std::isfinite(value)) return value;
  // Out of range: an infinity is no value; what is nearer to 0 than any other number is 0.
  const bool tiny = static_cast<std::int64_t>(number.digits.size()) + number.exponent < 0;
  return tiny ? std::optional<double>(0.0) : std::nullopt;
}

double to_double_or_infinity(const Decimal& number) {
  const double infinity = std::numeric_limits<double>::infinity();
  return to_double(number).value_or(number.negative ? -infinity : infinity);
}

Whole to_integer(const Decimal& number, std::uint64_t& value) {
  value = 0;
  if (number.digits.empty()) return Whole::yes;
  const std::size_t last = number.digits.find_last_not_of('0');
  const std::int64_t exponent =
      number.exponent + static_cast<std::int64_t>(number.digits.size() - last - 1);
  if (exponent < 0) return Whole::fractional;
  if (number.negative || exponent > 19) return Whole::too_large;
  const std::string text =
      number.digits.substr(0, last + 1) + std::string(static_cast<std::size_t>(exponent), '0');
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} ? Whole::yes : Whole::too_large;
}

Whole to_integer(const Decimal& number, std::int64_t& value) {
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  value = 0;
  std::uint64_t size = 0;
  const Whole whole = to_integer(Decimal{false, number.digits, number.exponent}, size);
  if (whole != Whole::yes) return whole;
  if (size > most + (number.negative ? 1 : 0)) return Whole::too_large;
  value = static_cast<std::int64_t>(number.negative ? ~size + 1 : size);
  return Whole::yes;
}

bool names_no_finite_number(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text.starts_with('.')) text.remove_prefix(1);
  std::string word(text.substr(0, std::min(text.find(' '), text.size())));
  for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return word == "nan" || word == "inf" || word == "infinity";
}

std::string not_a_number(std::string_view text) {
  if (names_no_finite_number(text)) return in_quotes(text) + " is not a finite number";
  if (is_number(text)) return in_quotes(text) + " is text, not a number; remove its quotes";
  return in_quotes(text) + " is not a number; write it like 1000, 0.5 or 2e-3";
}

std::string not_whole(std::string_view number) {
  return brief(number) + " is not a whole number; write digits only, like 12";
}

}  // namespace tokenyard::config
