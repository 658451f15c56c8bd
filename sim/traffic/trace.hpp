// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "config/errors.hpp"
#include "traffic/arrivals.hpp"
#include "traffic/trace_format.hpp"

namespace tokenyard::traffic {

class TraceSource;

struct TraceOptions {
  std::string format;  // asks for one by name; empty: the first that knows the first line
  // Rows of one equal stamp are spread at random over the time to the next stamp. The trace must
  // be in order of arrival, with at most 1,000,000 rows of one stamp.
  bool spread_ticks = false;
};

// A trace file, streamed row by row in constant memory. The format follows from its first line.
class TraceReader {
 public:
  // Throws ConfigError for a file that no format recognises.
  explicit TraceReader(const std::string& path, const TraceOptions& options = {});
  ~TraceReader();
  TraceReader(TraceReader&&) noexcept;
  TraceReader& operator=(TraceReader&&) noexcept;

  std::string_view format() const;
  bool sorted() const;  // whether rows must come in order of arrival
  bool dated() const;   // whether they have stamps
  // Failed requests, left out up to here.
  std::int64_t skipped() const;

  // The next row; false at the end. Throws ConfigError for a bad line.
  bool next(TraceRow& row);
  // The same, but notes the mistake and goes on with the next line.
  bool next(TraceRow& row, config::Mistakes& mistakes);

  // A mistake in the row last read.
  config::Mistake mistake(std::string text) const;

 private:
  std::unique_ptr<TraceSource> source_;
};

// What one pass over a trace finds: everything wrong with it, and what a planner asks first.
struct TraceSummary {
  std::string format;
  std::string sha256;
  std::int64_t requests = 0;
  std::int64_t skipped = 0;  // failed ones, left out
  bool dated = true;         // else all arrive at 0
  bool sorted = true;        // by arrival
  double first_s = 0;
  double last_s = 0;
  double prompt_tokens = 0;  // sums
  double output_tokens = 0;
};

// Reads the whole trace once. Notes bad lines (the first 20), arrivals that go back in a format
// that is sorted, and a trace without requests.
TraceSummary scan_trace(const std::string& path, config::Mistakes& mistakes,
                        const TraceOptions& options = {});

// The requests of a trace that scan_trace accepted with these options, with its first arrival at 0,
// each filled from `pattern` (tenant, model, ...). Memory is constant if the trace is sorted.
std::unique_ptr<Arrivals> trace_arrivals(const std::string& path, const TraceSummary& summary,
                                         const Request& pattern, const TraceOptions& options = {});

}  // namespace tokenyard::traffic
