// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tokenyard::fleet {

struct CarbonHours {
  std::vector<double> g_per_kwh;  // from hour 0 on
  std::string problem;            // empty when the text was understood; else "problem; what to do"
};

// Reads a CSV text: the line 'hour,g_per_kwh', then hours 0, 1, ... without a gap.
CarbonHours parse_carbon_hours(const std::string& text);

}  // namespace tokenyard::fleet
