// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "traffic/csv_cells.hpp"

namespace tokenyard::traffic {
namespace {

// Days from 1970-01-01 to a date of the Gregorian calendar.
std::int64_t days_from_civil(std::int64_t year, std::int64_t month, std::int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = year / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719468;
}

constexpr std::int64_t last_year = 2261;  // of which 64 bits hold the nanoseconds

// ".6805900": nanoseconds.
std::optional<std::int64_t> parse_decimals(std::string_view text) {
  if (text.empty()) return 0;
  if (text.front() != '.' || text.size() < 2 || text.size() > 10) return std::nullopt;
  text.remove_prefix(1);
  if (text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::int64_t nanoseconds = 0;
  for (std::size_t i = 0; i < 9; ++i) {
    nanoseconds = 10 * nanoseconds + (i < text.size() ? text[i] - '0' : 0);
  }
  return nanoseconds;
}

}  // namespace

std::optional<std::int64_t> parse_stamp(std::string_view text) {
  if (text.ends_with("+00:00")) text.remove_suffix(6);
  constexpr std::string_view shape = "dddd-dd-dd dd:dd:dd";
  if (text.size() < shape.size()) return std::nullopt;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (shape[i] == 'd' ? !digit : text[i] != shape[i]) return std::nullopt;
  }
  const auto number = [text](std::size_t at, std::size_t length) {
    std::int64_t value = 0;
    std::from_chars(text.data() + at, text.data() + at + length, value);
    return value;
  };
  const std::int64_t year = number(0, 4), month = number(5, 2), day = number(8, 2);
  const std::int64_t hour = number(11, 2), minute = number(14, 2), second = number(17, 2);
  const bool on_calendar =
      year >= 1970 && year <= last_year && month >= 1 && month <= 12 && day >= 1 && day <= 31;
  if (!on_calendar || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const auto nanoseconds = parse_decimals(text.substr(shape.size()));
  if (!nanoseconds) return std::nullopt;
  const std::int64_t minutes = (days_from_civil(year, month, day) * 24 + hour) * 60 + minute;
  return (minutes * 60 + second) * 1'000'000'000 + *nanoseconds;
}

}  // namespace tokenyard::traffic
