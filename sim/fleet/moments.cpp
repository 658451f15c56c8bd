// SPDX-License-Identifier: Apache-2.0
#include "fleet/moments.hpp"

#include <fmt/format.h>

#include <cmath>

#include "traffic/forecast.hpp"

namespace tokenyard::fleet {
namespace {

constexpr std::size_t date_length = 10;

// "T06:00Z"
std::optional<std::chrono::minutes> parse_time(std::string_view text) {
  if (text.size() != 7 || text[0] != 'T' || text[3] != ':' || text[6] != 'Z') return std::nullopt;
  const auto two = [&text](std::size_t at) {
    const auto digit = [&text](std::size_t i) {
      return text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : 100;
    };
    return digit(at) * 10 + digit(at + 1);
  };
  const int hour = two(1), minute = two(4);
  if (hour > 23 || minute > 59) return std::nullopt;
  return std::chrono::hours(hour) + std::chrono::minutes(minute);
}

}  // namespace

std::optional<Moment> parse_moment(const std::string& text) {
  const auto day = traffic::parse_date(text.substr(0, date_length));
  if (!day) return std::nullopt;
  if (text.size() == date_length) return Moment(*day);
  const auto time = parse_time(std::string_view(text).substr(date_length));
  if (!time) return std::nullopt;
  return Moment(*day) + *time;
}

std::string moment_text(Moment moment) {
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::string date = traffic::date_text(std::chrono::year_month_day(day));
  const auto seconds = (moment - day).count();
  if (seconds == 0) return date;
  return fmt::format("{}T{:02}:{:02}Z", date, seconds / 3600, seconds / 60 % 60);
}

std::string no_moment(const std::string& text) {
  return config::in_quotes(text) +
         " is not a date; write it like 2026-04-20, or with a time in UTC like 2026-04-20T06:00Z";
}

Instant instant_of(Moment moment, Moment begins) {
  return Instant(static_cast<double>((moment - begins).count()));
}

Moment moment_of(Instant date, Moment begins) {
  return begins + std::chrono::seconds(static_cast<std::int64_t>(std::floor(date.value())));
}

Duration time_of_day(Moment moment) {
  return Duration(
      static_cast<double>((moment - std::chrono::floor<std::chrono::days>(moment)).count()));
}

std::optional<Moment> read_begins(config::Section& root) {
  const auto text = root.maybe<std::string>("begins");
  if (!text) return root.has("begins") ? std::optional(Moment{}) : std::nullopt;
  const auto moment = parse_moment(*text);
  if (!moment) root.mistake("begins", no_moment(*text));
  return moment.value_or(Moment{});
}

}  // namespace tokenyard::fleet
