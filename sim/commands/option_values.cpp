// SPDX-License-Identifier: Apache-2.0
#include "commands/option_values.hpp"

#include <charconv>
#include <cmath>

#include "config/errors.hpp"
#include "config/numbers.hpp"
#include "config/units.hpp"

namespace tokenyard::commands {

void refuse_option(const std::string& option, const std::string& text) {
  throw config::ConfigError(config::Mistake{option, {}, "", text});
}

std::uint64_t whole_option(const std::string& option, const std::string& text) {
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && stop == text.data() + text.size()) return value;
  refuse_option(option, config::in_quotes(text) +
                            " is no whole number from 0 to 2^64 - 1; write it in digits");
}

double positive_option(const std::string& option, const std::string& text, double most) {
  if (!config::is_number(text)) {
    refuse_option(option, config::in_quotes(text) + " is not a number; write it like 0.5 or 3");
  }
  const double value = config::to_double_or_infinity(config::parse_decimal(text));
  if (value > 0 && value <= most) return value;
  refuse_option(option, config::in_quotes(text) + " is not above 0 and up to " +
                            config::shortest(most) + "; give another number");
}

Tokens tokens_option(const std::string& option, const std::string& text) {
  const auto parsed = config::parse_whole_quantity(text, config::Dimension::tokens);
  if (!parsed.problem.empty()) refuse_option(option, parsed.problem);
  if (parsed.value >= 1) return Tokens(parsed.value);
  refuse_option(option, config::in_quotes(text) + " is no length; give at least 1 token");
}

Duration duration_option(const std::string& option, const std::string& text) {
  const auto parsed = config::parse_quantity(text, config::Dimension::duration);
  if (!parsed.problem.empty()) refuse_option(option, parsed.problem);
  if (parsed.value < 0)
    refuse_option(option, config::in_quotes(text) + " is negative; give a time from 0 on");
  return Duration(parsed.value);
}

std::chrono::seconds timeout_option(const std::string& option, const std::string& text) {
  constexpr double longest = 365 * 86400.0;
  const double seconds = duration_option(option, text).value();
  if (seconds > 0 && seconds <= longest) {
    return std::chrono::seconds(static_cast<std::int64_t>(std::ceil(seconds)));
  }
  refuse_option(option, config::in_quotes(text) +
                            " is not above 0 and up to a year; give a time "
                            "like '10 min'");
}

}  // namespace tokenyard::commands
