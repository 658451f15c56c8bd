// SPDX-License-Identifier: Apache-2.0
#include "commands/trace_change.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "commands/interrupt.hpp"
#include "config/numbers.hpp"
#include "config/units.hpp"
#include "traffic/ordered_trace.hpp"
#include "traffic/superposition.hpp"
#include "traffic/trace_writer.hpp"

namespace tokenyard::commands {
namespace {

using traffic::TraceRow;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double greatest_scale = 1e6;

[[noreturn]] void refuse(const std::string& option, const std::string& text) {
  throw config::ConfigError(config::Mistake{option, {}, "", text});
}

double seconds(const std::string& option, const std::string& text, double if_empty) {
  if (text.empty()) return if_empty;
  const auto parsed = config::parse_quantity(text, config::Dimension::duration);
  if (!parsed.problem.empty()) refuse(option, parsed.problem);
  if (parsed.value < 0) {
    refuse(option, config::in_quotes(text) + " is negative; times count from the first arrival");
  }
  return parsed.value;
}

double scale_of(const std::string& text) {
  if (!config::is_number(text)) {
    refuse("--by", config::in_quotes(text) + " is not a number; write it like 0.5 or 3");
  }
  const double by = config::to_double_or_infinity(config::parse_decimal(text));
  if (by > 0 && by <= greatest_scale) return by;
  refuse("--by", config::in_quotes(text) +
                     " is no scale; give a number above 0, up to a million, e.g. 0.5 or 3");
}

std::uint64_t seed_of(const std::string& text) {
  std::uint64_t seed = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error == std::errc() && stop == text.data() + text.size()) return seed;
  refuse("--seed",
         config::in_quotes(text) + " is not a seed; give a whole number from 0 to 2^64 - 1");
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
  const traffic::TraceContents contents = traffic::survey(options.file);
  Output out(options, contents.columns);
  traffic::OrderedTrace rows(options.file, contents);
  TraceRow row;
  while (rows.next(row)) out.add(row);
  return out.finish();
}

int trace_slice(const TraceSliceOptions& options) {
  if (options.from.empty() && options.to.empty() && options.tenant.empty()) {
    refuse(options.file, "nothing to cut; give --from, --to or --tenant");
  }
  const double from_s = seconds("--from", options.from, 0);
  const double to_s = seconds("--to", options.to, infinity);
  if (to_s <= from_s) refuse("--to", "is not after --from; give a later time");
  const traffic::TraceContents contents = traffic::survey(options.file);
  Output out(options, contents.columns);
  traffic::OrderedTrace rows(options.file, contents);
  TraceRow row;
  while (rows.next(row)) {
    const double date_s = row.arrival_s - contents.first_s;
    if (date_s >= to_s) break;
    if (date_s < from_s || (!options.tenant.empty() && row.tenant != options.tenant)) continue;
    row.arrival_s = to_nanoseconds(date_s - from_s);
    out.add(row);
  }
  if (out.rows() == 0) {
    refuse(options.file,
           fmt::format("no request is in this slice (the trace has {} in {} s); give other times{}",
                       contents.requests, config::shortest(contents.last_s - contents.first_s),
                       options.tenant.empty() ? "" : " or another tenant"));
  }
  return out.finish();
}

int trace_scale(const TraceScaleOptions& options) {
  traffic::ScalePlan plan;
  plan.by = scale_of(options.by);
  plan.shift_s = seconds("--shift", options.shift, plan.shift_s);
  plan.seed = seed_of(options.seed);
  const traffic::TraceContents contents = traffic::survey(options.file);
  Output out(options, contents.columns);
  traffic::Superposition rows(options.file, contents, plan);
  TraceRow row;
  while (rows.next(row)) {
    row.arrival_s = to_nanoseconds(row.arrival_s);
    out.add(row);
  }
  if (out.rows() == 0) {
    refuse("--by", config::in_quotes(options.by) +
                       " leaves no request; give a greater number or another --seed");
  }
  return out.finish();
}

}  // namespace tokenyard::commands
