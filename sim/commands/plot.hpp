// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace tokenyard::commands {

enum class Glyphs : std::uint8_t { ascii, unicode };

// Unicode where LC_ALL, LC_CTYPE or LANG (the first that is set) names UTF-8.
Glyphs terminal_glyphs();

struct ColumnPlot {
  std::span<const double> values;  // finite, >= 0; one column each
  std::size_t height = 8;          // lines
  std::size_t column_width = 1;    // characters
  std::string from, to;            // what the first and the last column stand at
};

// Columns from 0 to the greatest value, with both labelled: 11 characters more than the columns
// wide, two lines more than `height` high.
std::string draw(const ColumnPlot& plot, Glyphs glyphs);

}  // namespace tokenyard::commands
