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

}  // namespace tokenyard::traffic
