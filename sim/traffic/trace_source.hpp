// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "config/errors.hpp"
#include "traffic/trace_format.hpp"

namespace tokenyard::traffic {

// Where the rows of a TraceReader come from.
class TraceSource {
 public:
  virtual ~TraceSource() = default;

  virtual std::string_view format() const = 0;
  virtual bool sorted() const = 0;
  virtual bool dated() const = 0;
  virtual std::int64_t skipped() const = 0;  // failed requests up to here

  // Fills `row`, or sets `end`, or returns what is wrong with a row, after which the next may come.
  virtual std::optional<config::Mistake> next(TraceRow& row, bool& end) = 0;

  // A mistake in the row last read.
  virtual config::Mistake mistake(std::string text) const = 0;
};

// These throw ConfigError for a file that cannot be read. A format's name, or empty: any.
std::unique_ptr<TraceSource> open_lines(const std::string& path, std::string_view format);
std::unique_ptr<TraceSource> open_results(const std::string& path);

// Whether the file begins like HDF5.
bool is_results(const std::string& path);

// Rows of one equal stamp come at random between it and the next stamp, those of the last within
// the time between the two before. Memory is that of the rows of one stamp, which is limited.
std::unique_ptr<TraceSource> spread_ticks(std::unique_ptr<TraceSource> source);

}  // namespace tokenyard::traffic
