// SPDX-License-Identifier: Apache-2.0
#include "commands/trace_change.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "commands/interrupt.hpp"
#include "commands/option_values.hpp"
#include "config/units.hpp"
#include "traffic/ordered_trace.hpp"
#include "traffic/superposition.hpp"
#include "traffic/trace_writer.hpp"

namespace tokenyard::commands {
namespace {

using traffic::TraceRow;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double greatest_scale = 1e6;

double seconds(const std::string& option, const std::string& text, double if_empty) {
  return text.empty() ? if_empty : duration_option(option, text).value();
}

// A difference of dates has digits that no clock gave: the nanosecond is kept.
double to_nanoseconds(double date_s) { return std::round(date_s * 1e9) / 1e9; }

// The output of a change; a row written after Ctrl-C throws.
class Output {
 public:
  Output(const TraceChangeOptions& options, traffic::TraceColumns columns)
      : path_(options.out),
        writer_(options.out, columns,
                options.force ? results::Existing::replace : results::Existing::refuse) {}

  void add(const TraceRow& row) {
    stop_.check();
    writer_.add(row);
  }
  std::uint64_t rows() const { return writer_.rows(); }
  int finish() {
    writer_.finish();
    fmt::print("{} requests in {}\n", writer_.rows(), path_);
    return 0;
  }

 private:
  std::string path_;
  StopOnInterrupt stop_;
  traffic::TraceWriter writer_;
};

}  // namespace

int trace_convert(const TraceChangeOptions& options) {
  const traffic::TraceOptions reading{"", options.spread_ticks};
  const traffic::TraceContents contents = traffic::survey(options.file, reading);
  Output out(options, contents.columns);
  traffic::OrderedTrace rows(options.file, contents, reading);
  TraceRow row;
  while (rows.next(row)) out.add(row);
  return out.finish();
}

int trace_slice(const TraceSliceOptions& options) {
  if (options.from.empty() && options.to.empty() && options.tenant.empty()) {
    refuse_option(options.file, "nothing to cut; give --from, --to or --tenant");
  }
  const double from_s = seconds("--from", options.from, 0);
  const double to_s = seconds("--to", options.to, infinity);
  if (to_s <= from_s) refuse_option("--to", "is not after --from; give a later time");
  const traffic::TraceOptions reading{"", options.spread_ticks};
  const traffic::TraceContents contents = traffic::survey(options.file, reading);
  Output out(options, contents.columns);
  traffic::OrderedTrace rows(options.file, contents, reading);
  TraceRow row;
  while (rows.next(row)) {
    const double date_s = row.arrival_s - contents.first_s;
    if (date_s >= to_s) break;
    if (date_s < from_s || (!options.tenant.empty() && row.tenant != options.tenant)) continue;
    row.arrival_s = to_nanoseconds(date_s - from_s);
    out.add(row);
  }
  if (out.rows() == 0) {
    refuse_option(
        options.file,
        fmt::format("no request is in this slice (the trace has {} in {} s); give other times{}",
                    contents.requests, config::shortest(contents.last_s - contents.first_s),
                    options.tenant.empty() ? "" : " or another tenant"));
  }
  return out.finish();
}

int trace_scale(const TraceScaleOptions& options) {
  traffic::ScalePlan plan;
  plan.by = positive_option("--by", options.by, greatest_scale);
  plan.shift_s = seconds("--shift", options.shift, plan.shift_s);
  plan.seed = whole_option("--seed", options.seed);
  const traffic::TraceContents contents = traffic::survey(options.file);
  if (!contents.dated)
    refuse_option(options.file, "has no stamps, so no rate that could be scaled");
  Output out(options, contents.columns);
  traffic::Superposition rows(options.file, contents, plan);
  TraceRow row;
  while (rows.next(row)) {
    row.arrival_s = to_nanoseconds(row.arrival_s);
    out.add(row);
  }
  if (out.rows() == 0) {
    refuse_option("--by", config::in_quotes(options.by) +
                              " leaves no request; give a greater number or another --seed");
  }
  return out.finish();
}

}  // namespace tokenyard::commands
