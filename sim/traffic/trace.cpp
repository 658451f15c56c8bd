// SPDX-License-Identifier: Apache-2.0
#include "traffic/trace.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/contracts.hpp"
#include "traffic/listed.hpp"

namespace tokenyard::traffic {
namespace {

constexpr std::size_t most_mistakes = 20;

std::string known_formats() {
  std::string text;
  for (const TraceFormatEntry& entry : trace_formats()) {
    text +=
        (text.empty() ? "" : "; ") + std::string(entry.name) + ": " + std::string(entry.summary);
  }
  return text;
}

Request filled(const Request& pattern, const TraceRow& row, double origin_s) {
  Request request = pattern;
  request.arrival = Instant(row.arrival_s - origin_s);
  request.prompt = row.prompt;
  request.output = row.output;
  request.max_tokens = row.max_tokens == Tokens(0) ? row.output : row.max_tokens;
  return request;
}

class StreamedTrace final : public Arrivals {
 public:
  StreamedTrace(const std::string& path, const Request& pattern, double origin_s)
      : reader_(path), pattern_(pattern), origin_s_(origin_s) {
    advance();
  }

  Instant date() const override { return next_.arrival; }

  void take(Request& request) override {
    SIM_EXPECT(next_.arrival < Instant::never());
    request = next_;
    advance();
  }

 private:
  void advance() {
    TraceRow row;
    if (reader_.next(row)) {
      next_ = filled(pattern_, row, origin_s_);
    } else {
      next_.arrival = Instant::never();
    }
  }

  TraceReader reader_;
  Request pattern_;
  Request next_;
  double origin_s_;
};

// Rows in any order have to be held to be sorted.
std::unique_ptr<Arrivals> sorted(const std::string& path, const Request& pattern, double origin_s) {
  TraceReader reader(path);
  TraceRow row;
  std::vector<Request> requests;
  while (reader.next(row)) requests.push_back(filled(pattern, row, origin_s));
  std::stable_sort(requests.begin(), requests.end(),
                   [](const Request& a, const Request& b) { return a.arrival < b.arrival; });
  return std::make_unique<Listed>(std::move(requests));
}

}  // namespace

TraceReader::TraceReader(const std::string& path, std::string_view format) : lines_(path) {
  std::string_view first;
  if (!lines_.next(first)) {
    throw config::ConfigError(
        config::Mistake{path, {1, 1}, "", "is empty; a trace begins with its header"});
  }
  for (const TraceFormatEntry& entry : trace_formats()) {
    if (!format.empty() && entry.name != format) continue;
    auto candidate = entry.make();
    if (!candidate->begins(first)) continue;
    format_ = std::move(candidate);
    format_name_ = entry.name;
    return;
  }
  throw config::ConfigError(lines_.mistake(
      0, "not the header of a trace that can be read; known formats are " + known_formats()));
}

std::optional<config::Mistake> TraceReader::read(TraceRow& row, bool& end) {
  std::string_view line;
  end = !lines_.next(line);
  if (end) return std::nullopt;
  const auto problem = format_->parse(line, row);
  if (!problem) return std::nullopt;
  return lines_.mistake(problem->offset, problem->text);
}

bool TraceReader::next(TraceRow& row) {
  bool end = false;
  if (auto mistake = read(row, end)) throw config::ConfigError(std::move(*mistake));
  return !end;
}

bool TraceReader::next(TraceRow& row, config::Mistakes& mistakes) {
  bool end = false;
  while (auto mistake = read(row, end)) {
    mistakes.add(std::move(*mistake));
    if (mistakes.size() >= most_mistakes) return false;
  }
  return !end;
}

TraceSummary scan_trace(const std::string& path, config::Mistakes& mistakes) {
  TraceSummary summary;
  TraceReader reader(path);
  summary.format = reader.format();
  TraceRow row;
  double last_s = 0;
  while (mistakes.size() < most_mistakes && reader.next(row, mistakes)) {
    if (summary.requests == 0) summary.first_s = row.arrival_s;
    if (reader.sorted() && row.arrival_s < last_s) {
      mistakes.add(reader.mistake("arrivals go back in time; sort the trace by its first column"));
    }
    last_s = row.arrival_s;
    summary.first_s = std::min(summary.first_s, row.arrival_s);
    summary.last_s = std::max(summary.last_s, row.arrival_s);
    summary.prompt_tokens += static_cast<double>(row.prompt.value());
    summary.output_tokens += static_cast<double>(row.output.value());
    ++summary.requests;
  }
  if (summary.requests == 0 && mistakes.empty()) {
    mistakes.add({path, {1, 1}, "", "has no requests; give a trace with at least one row"});
  }
  summary.sha256 = file_sha256(path);
  return summary;
}

std::unique_ptr<Arrivals> trace_arrivals(const std::string& path, const TraceSummary& summary,
                                         const Request& pattern) {
  if (TraceReader(path).sorted()) {
    return std::make_unique<StreamedTrace>(path, pattern, summary.first_s);
  }
  return sorted(path, pattern, summary.first_s);
}

}  // namespace tokenyard::traffic
