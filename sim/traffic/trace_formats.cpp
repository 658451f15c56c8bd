// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cmath>
#include <vector>

#include "traffic/trace.hpp"

namespace tokenyard::traffic {
namespace {

constexpr std::int64_t most_exact = std::int64_t{1} << 53;

using Problem = TraceFormat::Problem;

// The cells of a line without quotes, each with its offset.
struct Cell {
  std::size_t offset;
  std::string_view text;
};

std::optional<Problem> split(std::string_view line, std::size_t count, std::vector<Cell>& cells) {
  cells.clear();
  if (line.empty()) return Problem{0, "a blank line; remove it"};
  std::size_t from = 0;
  for (;;) {
    const std::size_t comma = std::min(line.find(',', from), line.size());
    cells.push_back({from, line.substr(from, comma - from)});
    if (comma == line.size()) break;
    from = comma + 1;
  }
  if (cells.size() == count) return std::nullopt;
  return Problem{line.size(), std::to_string(cells.size()) + " cells where the header has " +
                                  std::to_string(count)};
}

// A cell as a message shows it.
std::string shown(std::string_view name, std::string_view cell) {
  constexpr std::size_t most = 40;
  const std::string text(cell.substr(0, most));
  return std::string(name) + " '" + text + (cell.size() > most ? "..." : "") + "' ";
}

std::optional<Problem> parse_tokens(const Cell& cell, std::string_view name, Tokens& tokens) {
  const char* begin = cell.text.data();
  const char* end = begin + cell.text.size();
  const bool digits =
      !cell.text.empty() && cell.text.find_first_not_of("0123456789") == std::string_view::npos;
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(begin, end, value);
  if (!digits)
    return Problem{cell.offset, shown(name, cell.text) + "is not a whole number written in digits"};
  if (error != std::errc() || value > most_exact) {
    return Problem{cell.offset, shown(name, cell.text) + "is above 2^53"};
  }
  if (value < 1) return Problem{cell.offset, shown(name, cell.text) + "is below 1"};
  tokens = Tokens(value);
  return std::nullopt;
}

std::optional<Problem> parse_seconds(const Cell& cell, std::string_view name, double& seconds) {
  const char* begin = cell.text.data();
  const char* end = begin + cell.text.size();
  const auto [stop, error] = std::from_chars(begin, end, seconds);
  if (error == std::errc::result_out_of_range) {
    return Problem{cell.offset, shown(name, cell.text) + "is out of range"};
  }
  if (error != std::errc() || stop != end || !std::isfinite(seconds)) {
    return Problem{cell.offset, shown(name, cell.text) + "is not a finite decimal number"};
  }
  if (std::signbit(seconds) && seconds != 0)
    return Problem{cell.offset, shown(name, cell.text) + "is negative"};
  if (seconds > static_cast<double>(most_exact)) {
    return Problem{cell.offset, shown(name, cell.text) + "is above 2^53"};
  }
  seconds = std::abs(seconds);  // -0 is 0
  return std::nullopt;
}

// The simulator's own format, and that of `replay`: arrival_s,prompt_tokens,output_tokens.
class TokenyardCsv final : public TraceFormat {
 public:
  bool begins(std::string_view first_line) const override {
    return first_line == "arrival_s,prompt_tokens,output_tokens";
  }

  bool sorted() const override { return false; }

  std::optional<Problem> parse(std::string_view line, TraceRow& row) const override {
    if (auto problem = split(line, 3, cells_)) return problem;
    if (auto problem = parse_seconds(cells_[0], "arrival_s", row.arrival_s)) return problem;
    if (auto problem = parse_tokens(cells_[1], "prompt_tokens", row.prompt)) return problem;
    return parse_tokens(cells_[2], "output_tokens", row.output);
  }

 private:
  mutable std::vector<Cell> cells_;
};

// Days from 1970-01-01 to a date of the Gregorian calendar.
std::int64_t days_from_civil(std::int64_t year, std::int64_t month, std::int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = year / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719468;
}

// "2023-11-16 18:15:46.6805900", up to nine decimals, optionally +00:00: nanoseconds since 1970.
std::optional<std::int64_t> parse_timestamp(std::string_view text) {
  if (text.ends_with("+00:00")) text.remove_suffix(6);
  constexpr std::string_view shape = "dddd-dd-dd dd:dd:dd";
  if (text.size() < shape.size()) return std::nullopt;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (shape[i] == 'd' ? !digit : text[i] != shape[i]) return std::nullopt;
  }
  const auto number = [text](std::size_t at, std::size_t length) {
    std::int64_t value = 0;
    std::from_chars(text.data() + at, text.data() + at + length, value);
    return value;
  };
  const std::int64_t month = number(5, 2), day = number(8, 2), hour = number(11, 2);
  const std::int64_t minute = number(14, 2), second = number(17, 2);
  if (number(0, 4) < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 ||
      minute > 59 || second > 59) {
    return std::nullopt;
  }
  std::int64_t nanoseconds = 0;
  if (text.size() > shape.size()) {
    std::string_view decimals = text.substr(shape.size());
    if (decimals.front() != '.' || decimals.size() < 2 || decimals.size() > 10) return std::nullopt;
    decimals.remove_prefix(1);
    if (decimals.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    for (std::size_t i = 0; i < 9; ++i) {
      nanoseconds = 10 * nanoseconds + (i < decimals.size() ? decimals[i] - '0' : 0);
    }
  }
  const std::int64_t days = days_from_civil(number(0, 4), month, day);
  return ((days * 24 + hour) * 60 + minute) * 60'000'000'000 + second * 1'000'000'000 + nanoseconds;
}

// Azure LLM inference traces (github Azure/AzurePublicDataset): TIMESTAMP,ContextTokens,...
class AzureLlm final : public TraceFormat {
 public:
  bool begins(std::string_view first_line) const override {
    return first_line == "TIMESTAMP,ContextTokens,GeneratedTokens";
  }

  std::optional<Problem> parse(std::string_view line, TraceRow& row) const override {
    if (auto problem = split(line, 3, cells_)) return problem;
    const auto stamp = parse_timestamp(cells_[0].text);
    if (!stamp) {
      return Problem{
          0, shown("TIMESTAMP", cells_[0].text) + "is not a date like 2023-11-16 18:15:46.6805900"};
    }
    // Differences from the first stamp are exact in nanoseconds before they become binary64.
    if (!first_) first_ = *stamp;
    row.arrival_s = static_cast<double>(*stamp - *first_) / 1e9;
    if (auto problem = parse_tokens(cells_[1], "ContextTokens", row.prompt)) return problem;
    return parse_tokens(cells_[2], "GeneratedTokens", row.output);
  }

 private:
  mutable std::vector<Cell> cells_;
  mutable std::optional<std::int64_t> first_;
};

template <class T>
std::unique_ptr<TraceFormat> make() {
  return std::make_unique<T>();
}

constexpr TraceFormatEntry entries[] = {
    {"tokenyard-csv", "arrival_s,prompt_tokens,output_tokens", make<TokenyardCsv>},
    {"azure-llm", "Azure LLM inference traces: TIMESTAMP,ContextTokens,GeneratedTokens",
     make<AzureLlm>},
};

}  // namespace

std::span<const TraceFormatEntry> trace_formats() { return entries; }

}  // namespace tokenyard::traffic
