// SPDX-License-Identifier: Apache-2.0
#include "commands/plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string_view>

namespace tokenyard::commands {
namespace {

using Levels = std::array<std::string_view, 9>;  // a cell that is filled by 0 to 8 eighths

constexpr Levels unicode_levels = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr Levels ascii_levels = {" ", ".", ".", ".", ":", ":", ":", "#", "#"};
constexpr double eighths = 8;

// How much of the cell in `line`, counted from the bottom, the value fills.
std::string_view cell(const Levels& levels, double lines, std::size_t line) {
  const double filled = std::round((lines - static_cast<double>(line)) * eighths);
  return levels[static_cast<std::size_t>(std::clamp(filled, 0.0, eighths))];
}

std::string axis(const ColumnPlot& plot, Glyphs glyphs) {
  const std::size_t width = plot.values.size() * plot.column_width;
  std::string text = fmt::format("{:>8} {}", 0, glyphs == Glyphs::unicode ? "└" : "+");
  for (std::size_t i = 0; i < width; ++i) text += glyphs == Glyphs::unicode ? "─" : "-";
  const std::size_t used = plot.from.size() + plot.to.size();
  const std::string blank(used < width ? width - used : 1, ' ');
  return text + "\n" + std::string(10, ' ') + plot.from + blank + plot.to + "\n";
}

}  // namespace

Glyphs terminal_glyphs() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string_view locale(value);
    for (const std::string_view encoding : {"UTF-8", "utf-8", "UTF8", "utf8"}) {
      if (locale.find(encoding) != std::string_view::npos) return Glyphs::unicode;
    }
    return Glyphs::ascii;
  }
  return Glyphs::ascii;
}

std::string draw(const ColumnPlot& plot, Glyphs glyphs) {
  const Levels& levels = glyphs == Glyphs::unicode ? unicode_levels : ascii_levels;
  double most = 0;
  for (const double value : plot.values) most = std::max(most, value);
  std::string text;
  for (std::size_t line = plot.height; line-- > 0;) {
    const bool top = line + 1 == plot.height;
    std::string row = fmt::format("{:>8} {}", top ? fmt::format("{:.3g}", most) : "",
                                  glyphs == Glyphs::unicode ? (top ? "┤" : "│") : "|");
    for (const double value : plot.values) {
      const double lines = most > 0 ? value / most * static_cast<double>(plot.height) : 0;
      for (std::size_t i = 0; i < plot.column_width; ++i) row += cell(levels, lines, line);
    }
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + "\n";
  }
  return text + axis(plot, glyphs);
}

}  // namespace tokenyard::commands
