// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fleet/scenario.hpp"
#include "fleet/summary.hpp"

namespace tokenyard::commands {

// "40.1 ms", "2.03 s", "12.5 min"; "-" for none.
std::string seconds(double s);

// Breaks a long line at blanks; the lines after the first are indented.
std::string wrapped(const std::string& text, std::size_t indent);

// The summary as people read it, at most 80 columns wide.
std::string summary_table(const fleet::Scenario& scenario, const fleet::Summary& summary);

}  // namespace tokenyard::commands
