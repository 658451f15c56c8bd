// SPDX-License-Identifier: Apache-2.0
#include "traffic/workload_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

#include "core/contracts.hpp"

namespace tokenyard::traffic {
namespace {

constexpr std::size_t widest = 110;
constexpr std::size_t key = 10;  // before a list, beyond its indent: `quantiles: [`

std::string bracketed(const std::vector<std::string>& items, std::size_t indent) {
  std::string text = "[";
  std::size_t column = indent + key;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += ',';
    const bool breaks = column + items[i].size() + 2 > widest;
    if (breaks) {
      text += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (i > 0) {
      text += ' ';
    }
    text += items[i];
    column += items[i].size() + 2;
  }
  return text + ']';
}

}  // namespace

std::string number_text(double value, int digits) {
  std::array<char, 64> buffer{};
  auto [stop, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                     std::chars_format::general, digits);
  SIM_ENSURE(error == std::errc());
  const std::string_view text(buffer.data(), static_cast<std::size_t>(stop - buffer.data()));
  if (text.find('e') == std::string_view::npos) return std::string(text);
  // JSON's numbers, without an exponent where one is not needed.
  double rounded = 0;
  std::from_chars(text.data(), text.data() + text.size(), rounded);
  const auto plain = std::to_chars(buffer.data(), buffer.data() + buffer.size(), rounded,
                                   std::chars_format::fixed);
  const auto length = static_cast<std::size_t>(plain.ptr - buffer.data());
  return plain.ec == std::errc() && length <= 24 ? std::string(buffer.data(), length)
                                                 : std::string(text);
}

std::string list_text(std::span<const double> values, std::size_t indent, int digits) {
  std::vector<std::string> items;
  for (const double value : values) items.push_back(number_text(value, digits));
  return bracketed(items, indent);
}

std::string quantiles_text(std::span<const Distribution::Knot> knots, std::size_t indent) {
  std::vector<std::string> items;
  for (const Distribution::Knot& knot : knots) {
    items.push_back('[' + number_text(knot.probability) + ", " + number_text(knot.value) + ']');
  }
  return bracketed(items, indent);
}

std::string quoted_text(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return quoted + '"';
}

std::string folded_text(std::string_view name, std::string_view text) {
  std::string folded = std::string(name) + ": >-\n ";
  std::size_t column = 1;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, std::min(text.find(' '), text.size()));
    if (column > 1 && column + 1 + word.size() > widest) {
      folded += "\n ";
      column = 1;
    }
    folded += ' ' + std::string(word);
    column += 1 + word.size();
    text.remove_prefix(std::min(word.size() + 1, text.size()));
  }
  return folded + '\n';
}

std::string counted_text(double count) {
  std::array<char, 64> buffer{};
  const auto [stop, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), count,
                                           std::chars_format::fixed, 0);
  SIM_ENSURE(error == std::errc());
  std::string text(buffer.data(), stop);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string duration_text(double seconds) {
  for (const auto& [unit, name] : {std::pair(3600.0, " h"), std::pair(60.0, " min")}) {
    const double count = seconds / unit;
    if (count >= 1 && count == std::floor(count)) return number_text(count, 9) + name;
  }
  return number_text(seconds, 9) + " s";
}

}  // namespace tokenyard::traffic
