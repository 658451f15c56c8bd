// SPDX-License-Identifier: Apache-2.0
#include "traffic/trace.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "config/recent.hpp"
#include "traffic/line_reader.hpp"
#include "traffic/trace_source.hpp"

namespace tokenyard::traffic {
namespace {

constexpr std::size_t most_mistakes = 20;

std::unique_ptr<TraceSource> open(const std::string& path, const TraceOptions& options) {
  const bool results_wanted = options.format.empty() || options.format == results_format;
  auto source =
      results_wanted && is_results(path) ? open_results(path) : open_lines(path, options.format);
  if (options.spread_ticks && source->dated()) return spread_ticks(std::move(source));
  return source;
}

void add(const TraceRow& row, TraceSummary& summary) {
  const bool first = summary.requests == 0;
  summary.first_s = first ? row.arrival_s : std::min(summary.first_s, row.arrival_s);
  summary.last_s = first ? row.arrival_s : std::max(summary.last_s, row.arrival_s);
  summary.prompt_tokens += static_cast<double>(row.prompt.value());
  summary.output_tokens += static_cast<double>(row.output.value());
  ++summary.requests;
}

void expect_requests(const std::string& path, const TraceSummary& summary,
                     config::Mistakes& mistakes) {
  if (summary.requests > 0 || !mistakes.empty()) return;
  const std::string failed = summary.skipped > 0 ? " that did not fail" : "";
  mistakes.add(
      {path, {1, 1}, "", "has no requests" + failed + "; give a trace with at least one row"});
}

TraceSummary scan(const std::string& path, config::Mistakes& mistakes,
                  const TraceOptions& options) {
  TraceSummary summary;
  TraceReader reader(path, options);
  TraceRow row;
  double before_s = 0;
  while (mistakes.size() < most_mistakes && reader.next(row, mistakes)) {
    const bool back = summary.requests > 0 && row.arrival_s < before_s;
    if (back && reader.sorted()) {
      mistakes.add(reader.mistake("arrivals go back in time; sort the trace by its first column"));
    }
    if (back) summary.sorted = false;
    before_s = row.arrival_s;
    add(row, summary);
  }
  summary.format = reader.format();
  summary.dated = reader.dated();
  summary.skipped = reader.skipped();
  expect_requests(path, summary, mistakes);
  summary.sha256 = file_sha256(path);
  return summary;
}

// A file that is another now has another of these.
std::string key_of(const std::string& path, const TraceOptions& options) {
  struct stat status {};
  ::stat(path.c_str(), &status);
  std::string key = path + " " + options.format + (options.spread_ticks ? " spread" : "");
  for (const auto number :
       {static_cast<std::int64_t>(status.st_dev), static_cast<std::int64_t>(status.st_ino),
        static_cast<std::int64_t>(status.st_size), static_cast<std::int64_t>(status.st_mtim.tv_sec),
        static_cast<std::int64_t>(status.st_mtim.tv_nsec)}) {
    key += " " + std::to_string(number);
  }
  return key;
}

}  // namespace

void TraceRow::clear() {
  std::vector<Piece> kept = std::move(pieces);
  kept.clear();
  *this = {};
  pieces = std::move(kept);
}

TraceReader::TraceReader(const std::string& path, const TraceOptions& options)
    : source_(open(path, options)) {}
TraceReader::~TraceReader() = default;
TraceReader::TraceReader(TraceReader&&) noexcept = default;
TraceReader& TraceReader::operator=(TraceReader&&) noexcept = default;

std::string_view TraceReader::format() const { return source_->format(); }
bool TraceReader::sorted() const { return source_->sorted(); }
bool TraceReader::dated() const { return source_->dated(); }
std::int64_t TraceReader::skipped() const { return source_->skipped(); }

config::Mistake TraceReader::mistake(std::string text) const {
  return source_->mistake(std::move(text));
}

bool TraceReader::next(TraceRow& row) {
  bool end = false;
  if (auto mistake = source_->next(row, end)) throw config::ConfigError(std::move(*mistake));
  return !end;
}

bool TraceReader::next(TraceRow& row, config::Mistakes& mistakes) {
  bool end = false;
  while (auto mistake = source_->next(row, end)) {
    mistakes.add(std::move(*mistake));
    if (mistakes.size() >= most_mistakes) return false;
  }
  return !end;
}

TraceSummary scan_trace(const std::string& path, config::Mistakes& mistakes,
                        const TraceOptions& options) {
  constexpr std::size_t most_traces = 64;
  static config::Recent<TraceSummary> recent(most_traces);
  const std::string key = key_of(path, options);
  if (const auto known = recent.find(key)) return *known;
  config::Mistakes own;
  TraceSummary summary = scan(path, own, options);
  if (own.empty()) recent.keep(key, summary);
  for (const config::Mistake& mistake : own.all()) mistakes.add(mistake);
  return summary;
}

}  // namespace tokenyard::traffic
