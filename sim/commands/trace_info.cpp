// SPDX-License-Identifier: Apache-2.0
#include "commands/trace_info.hpp"

#include <fmt/format.h>

#include <optional>

#include "commands/option_values.hpp"
#include "commands/trace_table.hpp"
#include "traffic/ordered_trace.hpp"

namespace tokenyard::commands {
namespace {

using traffic::TraceStatistics;

// Rows that are not in order are read again, to be held and sorted.
TraceStatistics measure_sorted(const std::string& path, Tokens block,
                               const traffic::TraceOptions& reading) {
  traffic::OrderedTrace rows(path, traffic::survey(path, reading), reading);
  traffic::TraceMeter meter(block);
  traffic::TraceRow row;
  while (rows.next(row)) meter.add(row);
  return meter.finish();
}

// One pass; nothing if the rows are not in order.
std::optional<TraceStatistics> measure_streamed(traffic::TraceReader& reader, Tokens block) {
  traffic::TraceMeter meter(block);
  traffic::TraceRow row;
  config::Mistakes mistakes;
  double before_s = 0;
  bool any = false;
  while (reader.next(row, mistakes)) {
    if (any && row.arrival_s < before_s) return std::nullopt;
    before_s = row.arrival_s;
    any = true;
    meter.add(row);
  }
  mistakes.throw_if_any();
  if (!any) return std::nullopt;
  return meter.finish();
}

}  // namespace

int trace_info(const TraceInfoOptions& options) {
  const Tokens block = tokens_option("--block", options.block);
  const traffic::TraceOptions reading{"", options.spread_ticks};
  traffic::TraceReader reader(options.file, reading);
  std::optional<TraceStatistics> statistics = measure_streamed(reader, block);
  if (!statistics) statistics = measure_sorted(options.file, block, reading);
  const auto text = options.json ? trace_json(reader.format(), *statistics)
                                 : trace_table(reader.format(), *statistics, terminal_glyphs());
  fmt::print("{}", text);
  return 0;
}

}  // namespace tokenyard::commands
