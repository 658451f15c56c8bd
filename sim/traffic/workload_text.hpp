// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "traffic/distribution.hpp"

namespace tokenyard::traffic {

// The texts that a workload file is made of, as short as a person would write them.

// With so many digits that count, and no more than it takes.
std::string number_text(double value, int digits = 5);

// [a, b, c], broken into lines of 110 columns; lines after the first have `indent` blanks.
std::string list_text(std::span<const double> values, std::size_t indent, int digits = 5);
// [[p, v], ...], likewise.
std::string quantiles_text(std::span<const Distribution::Knot> knots, std::size_t indent);

// A text as a quoted YAML string on one line.
std::string quoted_text(std::string_view text);

// `KEY: >-` and the text below it, broken at blanks into lines of 110 columns.
std::string folded_text(std::string_view key, std::string_view text);

// 1,383,670, for people.
std::string counted_text(double count);
// 1 h, 10 min or 3.5 s.
std::string duration_text(double seconds);

}  // namespace tokenyard::traffic
