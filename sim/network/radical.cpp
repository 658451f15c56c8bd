// SPDX-License-Identifier: Apache-2.0
#include "network/radical.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "config/errors.hpp"

namespace tokenyard::network {
namespace {

// Nine digits fit SimGrid's int; more would throw inside its parser.
std::optional<std::uint32_t> number(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || text.size() > 9 || !std::all_of(text.begin(), text.end(), is_digit)) {
    return std::nullopt;
  }
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

Radical parse_radical(std::string_view text) {
  Radical radical;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    const std::size_t dash = part.find('-');
    const auto first = number(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : number(part.substr(dash + 1));
    if (!first || !last) {
      radical.problem = config::in_quotes(part) + " is not a number or a range of numbers (of at " +
                        "most 9 digits); write them as in 0-127 or 0-3,8";
      return radical;
    }
    if (*last < *first) {
      radical.problem = config::in_quotes(part) + " runs backwards (SimGrid would take no node); " +
                        "write the smaller number first";
      return radical;
    }
    radical.ranges.push_back({*first, *last});
    radical.nodes += std::uint64_t{*last} - *first + 1;
    if (comma == std::string_view::npos) return radical;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace tokenyard::network
