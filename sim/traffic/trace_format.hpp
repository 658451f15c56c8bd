// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/request.hpp"

namespace tokenyard::traffic {

// One request as a trace has it; what a format does not say stays as it is here.
struct TraceRow {
  double arrival_s = 0;  // on the trace's own clock
  Tokens prompt;
  Tokens output;
  Tokens max_tokens;          // 0: not said
  std::uint64_t session = 0;  // 0: none
  double deadline_s = 0;      // 0: none
  // Names, valid until the next row.
  std::string_view tenant, model, api_class, tier, origin, client;
  std::vector<Piece> pieces;  // of the prompt; after the last it is like no other

  void clear();
};

// A line on its way to its rows: most hold one, a JSON array may hold many.
struct TraceLine {
  enum class Holds : std::uint8_t { a_row, a_failed_request, nothing };

  std::string_view text;
  std::size_t at = 0;    // where this row begins
  std::size_t next = 0;  // where the next one begins: at the end, unless the format says
  Holds holds = Holds::a_row;
};

// How the lines of one published format are read.
class TraceFormat {
 public:
  // A mistake, at its place in the line.
  struct Problem {
    std::size_t offset = 0;
    std::string text;
  };

  virtual ~TraceFormat() = default;

  // Whether the file's first line is this format's.
  virtual bool begins(std::string_view first_line) = 0;

  // Whether that line is a header; else it is data.
  virtual bool has_header() const { return true; }
  virtual std::optional<Problem> read_header(std::string_view /*line*/) { return std::nullopt; }

  // Reads one row. After a mistake the rest of the line is left out.
  virtual std::optional<Problem> parse(TraceLine& line, TraceRow& row) = 0;

  // What is wrong with the file's ending here.
  virtual std::optional<Problem> finish() { return std::nullopt; }

  // Whether rows must come in order of arrival (else the reader has to sort them).
  virtual bool sorted() const { return true; }

  // Whether rows have stamps; else all arrive at 0.
  virtual bool dated() const { return true; }
};

struct TraceFormatEntry {
  std::string_view name;
  std::string_view summary;
  std::unique_ptr<TraceFormat> (*make)();  // nullptr: a result file, not lines
};

// The one list of trace formats.
std::span<const TraceFormatEntry> trace_formats();

inline constexpr std::string_view results_format = "tokenyard-results";

}  // namespace tokenyard::traffic
