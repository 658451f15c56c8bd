// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/errors.hpp"
#include "traffic/arrivals.hpp"
#include "traffic/line_reader.hpp"

namespace tokenyard::traffic {

// One request as a trace has it; what a format does not say stays as it is here.
struct TraceRow {
  double arrival_s = 0;  // on the trace's own clock
  Tokens prompt;
  Tokens output;
  Tokens max_tokens;          // 0: not said
  std::string_view tenant;    // valid until the next row
  std::uint64_t session = 0;  // 0: none
  std::vector<Piece> pieces;  // of the prompt
};

// How the lines of one published format are read.
class TraceFormat {
 public:
  virtual ~TraceFormat() = default;

  // Whether the file's first line is this format's.
  virtual bool begins(std::string_view first_line) const = 0;

  // Reads a data line. A mistake is returned at its place in the line.
  struct Problem {
    std::size_t offset = 0;
    std::string text;
  };
  virtual std::optional<Problem> parse(std::string_view line, TraceRow& row) const = 0;

  // Whether rows may come in any order (the reader then has to sort them).
  virtual bool sorted() const { return true; }
};

struct TraceFormatEntry {
  std::string_view name;
  std::string_view summary;
  std::unique_ptr<TraceFormat> (*make)();
};

// The one list of trace formats.
std::span<const TraceFormatEntry> trace_formats();

// A trace file, streamed row by row. The format follows from its first line.
class TraceReader {
 public:
  // Throws ConfigError for a file that no format recognises; `format` asks for one by name.
  explicit TraceReader(const std::string& path, std::string_view format = "");

  std::string_view format() const { return format_name_; }
  bool sorted() const { return format_->sorted(); }

  // The next row; false at the end. Throws ConfigError for a bad line.
  bool next(TraceRow& row);
  // The same, but notes the mistake and goes on with the next line.
  bool next(TraceRow& row, config::Mistakes& mistakes);

  // A mistake in the row last read.
  config::Mistake mistake(std::string text) const { return lines_.mistake(0, std::move(text)); }

 private:
  std::optional<config::Mistake> read(TraceRow& row, bool& end);

  LineReader lines_;
  std::unique_ptr<TraceFormat> format_;
  std::string_view format_name_;
};

// What one pass over a trace finds: everything wrong with it, and what a planner asks first.
struct TraceSummary {
  std::string format;
  std::string sha256;
  std::int64_t requests = 0;
  double first_s = 0;
  double last_s = 0;
  double prompt_tokens = 0;  // sums
  double output_tokens = 0;
};

// Reads the whole trace once. Notes bad lines (the first 20), arrivals that go back in a format
// that is sorted, and a trace without requests.
TraceSummary scan_trace(const std::string& path, config::Mistakes& mistakes);

// The requests of a trace that scan_trace accepted, with its first arrival at 0, each filled from
// `pattern` (tenant, model, ...). Memory is constant.
std::unique_ptr<Arrivals> trace_arrivals(const std::string& path, const TraceSummary& summary,
                                         const Request& pattern);

}  // namespace tokenyard::traffic
