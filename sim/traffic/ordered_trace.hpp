// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "traffic/trace.hpp"
#include "traffic/trace_writer.hpp"

namespace tokenyard::traffic {

// What a first reading of a trace finds that a second one needs.
struct TraceContents {
  std::string format;
  std::uint64_t requests = 0;  // at least 1
  double first_s = 0;
  double last_s = 0;
  bool in_order = true;  // its rows stand in order of arrival
  bool dated = true;     // else all arrive at 0
  TraceColumns columns;
};

// Reads a trace once. Throws ConfigError with its mistakes (the first 20), arrivals that go back
// in a format that is sorted among them, or if it has no requests.
TraceContents survey(const std::string& path, const TraceOptions& options = {});

// The rows of a surveyed trace in order of arrival, equals as they stand. Those of a file that is
// not in order are held to be sorted; of any other, memory is constant.
class OrderedTrace final {
 public:
  OrderedTrace(const std::string& path, const TraceContents& contents,
               const TraceOptions& options = {});

  bool next(TraceRow& row);

 private:
  void hold();

  TraceReader reader_;
  bool in_order_;
  std::vector<TraceRow> held_;
  std::size_t given_ = 0;
  std::set<std::string, std::less<>> names_;  // what the held rows' names point to
};

}  // namespace tokenyard::traffic
