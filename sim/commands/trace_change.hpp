// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tokenyard::commands {

// What the commands that make a trace of a trace share.
struct TraceChangeOptions {
  std::string file;
  std::string out;  // .csv or .csv.gz
  bool force = false;
  bool spread_ticks = false;
};

struct TraceSliceOptions : TraceChangeOptions {
  std::string from;  // "10 min" after the first arrival; empty: it
  std::string to;    // excluded; empty: the end
  std::string tenant;
};

struct TraceScaleOptions : TraceChangeOptions {
  std::string by;
  std::string shift = "60 s";
  std::string seed = "1";
};

// Each writes options.out in the simulator's own format, in order of arrival, and returns the exit
// code. A slice begins at 0, where --from was; a scaled trace with its first request.
int trace_convert(const TraceChangeOptions& options);
int trace_slice(const TraceSliceOptions& options);
int trace_scale(const TraceScaleOptions& options);

}  // namespace tokenyard::commands
