// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "traffic/line_reader.hpp"
#include "traffic/trace_source.hpp"

namespace tokenyard::traffic {
namespace {

using config::ConfigError;
using config::Mistake;

std::string known_formats() {
  std::string text;
  for (const TraceFormatEntry& entry : trace_formats()) {
    text +=
        (text.empty() ? "" : "; ") + std::string(entry.name) + ": " + std::string(entry.summary);
  }
  return text;
}

class LineSource final : public TraceSource {
 public:
  LineSource(const std::string& path, std::string_view format) : lines_(path) {
    if (!lines_.next(line_.text)) {
      throw ConfigError(Mistake{path, {1, 1}, "", "is empty; a trace begins with its header"});
    }
    choose(format);
    if (!format_->has_header()) return;
    line_.next = line_.text.size();
    given_ = true;
    if (auto problem = format_->read_header(line_.text)) {
      throw ConfigError(lines_.mistake(problem->offset, std::move(problem->text)));
    }
  }

  std::string_view format() const override { return name_; }
  bool sorted() const override { return format_->sorted(); }
  bool dated() const override { return format_->dated(); }
  std::int64_t skipped() const override { return skipped_; }

  std::optional<Mistake> next(TraceRow& row, bool& end) override {
    for (;;) {
      if (given_ && line_.next >= line_.text.size() && !read_line()) {
        end = true;
        return finish();
      }
      row.clear();
      given_ = true;
      line_.at = std::exchange(line_.next, line_.text.size());
      line_.holds = TraceLine::Holds::a_row;
      if (auto problem = format_->parse(line_, row)) {
        line_.next = line_.text.size();
        return lines_.mistake(problem->offset, std::move(problem->text));
      }
      if (line_.holds == TraceLine::Holds::a_row) return std::nullopt;
      if (line_.holds == TraceLine::Holds::a_failed_request) ++skipped_;
    }
  }

  Mistake mistake(std::string text) const override {
    return lines_.mistake(line_.at, std::move(text));
  }

 private:
  void choose(std::string_view format) {
    for (const TraceFormatEntry& entry : trace_formats()) {
      if (entry.make == nullptr || (!format.empty() && entry.name != format)) continue;
      auto candidate = entry.make();
      if (!candidate->begins(line_.text)) continue;
      format_ = std::move(candidate);
      name_ = entry.name;
      return;
    }
    throw ConfigError(lines_.mistake(
        0, "not the header of a trace that can be read; known formats are " + known_formats()));
  }

  bool read_line() {
    line_.next = 0;
    return lines_.next(line_.text);
  }

  std::optional<Mistake> finish() {
    line_.text = {};
    if (finished_) return std::nullopt;
    finished_ = true;
    auto problem = format_->finish();
    if (!problem) return std::nullopt;
    return lines_.mistake(problem->offset, std::move(problem->text));
  }

  LineReader lines_;
  TraceLine line_;
  bool given_ = false;  // some of the line; a line may be empty
  std::unique_ptr<TraceFormat> format_;
  std::string_view name_;
  std::int64_t skipped_ = 0;
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<TraceSource> open_lines(const std::string& path, std::string_view format) {
  return std::make_unique<LineSource>(path, format);
}

}  // namespace tokenyard::traffic
