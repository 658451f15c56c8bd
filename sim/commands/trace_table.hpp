// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "commands/plot.hpp"
#include "traffic/trace_statistics.hpp"

namespace tokenyard::commands {

// A trace's statistics as people read them, at most 80 columns wide.
std::string trace_table(std::string_view format, const traffic::TraceStatistics& statistics,
                        Glyphs glyphs);

// The same and all numbers behind the plots, as a JSON object; what is not known is null.
std::string trace_json(std::string_view format, const traffic::TraceStatistics& statistics);

}  // namespace tokenyard::commands
