// SPDX-License-Identifier: Apache-2.0
#include "commands/trace_info.hpp"

#include <fmt/format.h>

#include <optional>

#include "commands/trace_table.hpp"
#include "config/units.hpp"
#include "traffic/ordered_trace.hpp"

namespace tokenyard::commands {
namespace {

using traffic::TraceStatistics;

Tokens block_of(const std::string& text) {
  const config::ParsedWhole block = config::parse_whole_quantity(text, config::Dimension::tokens);
  std::string problem = block.problem;
  if (problem.empty() && block.value < 1) {
    problem = config::in_quotes(text) + " is no length; give at least 1 token, e.g. --block 512";
  }
  if (!problem.empty()) throw config::ConfigError(config::Mistake{"--block", {}, "", problem});
  return Tokens(block.value);
}

// Rows that are not in order are read again, to be held and sorted.
TraceStatistics measure_sorted(const std::string& path, Tokens block) {
  traffic::OrderedTrace rows(path, traffic::survey(path));
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
  const Tokens block = block_of(options.block);
  traffic::TraceReader reader(options.file);
  std::optional<TraceStatistics> statistics = measure_streamed(reader, block);
  if (!statistics) statistics = measure_sorted(options.file, block);
  const auto text = options.json ? trace_json(reader.format(), *statistics)
                                 : trace_table(reader.format(), *statistics, terminal_glyphs());
  fmt::print("{}", text);
  return 0;
}

}  // namespace tokenyard::commands
