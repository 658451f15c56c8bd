// SPDX-License-Identifier: Apache-2.0
#include "traffic/csv_cells.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "config/errors.hpp"

namespace tokenyard::traffic {
namespace {

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

template <class Number>
bool read_number(std::string_view digits, Number& value) {
  return std::from_chars(digits.data(), digits.data() + digits.size(), value).ec == std::errc();
}

}  // namespace

void split(std::string_view line, std::vector<Cell>& cells) {
  cells.clear();
  std::size_t from = 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] != ',') continue;
    cells.push_back({from, line.substr(from, at - from)});
    from = at + 1;
  }
  cells.push_back({from, line.substr(from)});
}

std::optional<Problem> split(std::string_view line, std::size_t count, std::vector<Cell>& cells) {
  if (line.empty()) return Problem{0, "a blank line; remove it"};
  split(line, cells);
  if (cells.size() == count) return std::nullopt;
  return Problem{line.size(), std::to_string(cells.size()) + " cells where the header has " +
                                  std::to_string(count)};
}

std::optional<Problem> read_columns(std::string_view header,
                                    std::span<const std::string_view> known,
                                    std::vector<std::uint8_t>& columns) {
  columns.clear();
  std::vector<Cell> cells;
  split(header, cells);
  for (const Cell& cell : cells) {
    const auto found = std::find(known.begin(), known.end(), cell.text);
    if (found == known.end()) {
      return Problem{cell.offset,
                     config::unknown_name(std::string(cell.text), {known.begin(), known.end()})};
    }
    const auto column = static_cast<std::uint8_t>(found - known.begin());
    if (std::find(columns.begin(), columns.end(), column) != columns.end()) {
      return wrong(cell, "column", "stands there twice; remove one");
    }
    columns.push_back(column);
  }
  return std::nullopt;
}

std::string shown(std::string_view name, std::string_view cell) {
  constexpr std::size_t most = 40;
  const std::string text(cell.substr(0, most));
  return std::string(name) + " '" + text + (cell.size() > most ? "..." : "") + "' ";
}

Problem wrong(const Cell& cell, std::string_view name, std::string_view what) {
  return {cell.offset, shown(name, cell.text) + std::string(what)};
}

std::optional<Problem> parse_tokens(const Cell& cell, std::string_view name, Tokens& tokens,
                                    std::int64_t least) {
  std::int64_t value = 0;
  if (!all_digits(cell.text)) return wrong(cell, name, "is not a whole number written in digits");
  if (!read_number(cell.text, value) || value > most_exact) {
    return wrong(cell, name, "is above 2^53");
  }
  if (value < least) return wrong(cell, name, "is below " + std::to_string(least));
  tokens = Tokens(value);
  return std::nullopt;
}

std::optional<Problem> parse_id(const Cell& cell, std::string_view name, std::uint64_t& id) {
  if (!all_digits(cell.text)) return wrong(cell, name, "is not a whole number written in digits");
  if (!read_number(cell.text, id)) return wrong(cell, name, "is above 2^64 - 1");
  return std::nullopt;
}

std::optional<Problem> parse_seconds(const Cell& cell, std::string_view name, double& seconds) {
  const char* end = cell.text.data() + cell.text.size();
  const auto [stop, error] = std::from_chars(cell.text.data(), end, seconds);
  if (error == std::errc::result_out_of_range) return wrong(cell, name, "is out of range");
  if (error != std::errc() || stop != end || !std::isfinite(seconds)) {
    return wrong(cell, name, "is not a finite decimal number");
  }
  if (std::signbit(seconds) && seconds != 0) return wrong(cell, name, "is negative");
  if (seconds > static_cast<double>(most_exact)) return wrong(cell, name, "is above 2^53");
  seconds = std::abs(seconds);  // -0 is 0
  return std::nullopt;
}

std::optional<Problem> parse_name(const Cell& cell, std::string_view name, std::string_view& text) {
  constexpr std::size_t most = 256;
  if (cell.text.size() > most) return wrong(cell, name, "is longer than 256 bytes");
  text = cell.text;
  return std::nullopt;
}

std::uint64_t session_number(std::string_view text) {
  std::uint64_t number = 0;
  if (text.empty()) return 0;
  if (text.front() != '0' && all_digits(text) && read_number(text, number) && number >> 63 == 0) {
    return number;
  }
  std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a; its upper half is not of numbers
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash | std::uint64_t{1} << 63;
}

std::optional<Problem> parse_pieces(const Cell& cell, Tokens prompt, std::vector<Piece>& pieces) {
  std::size_t from = 0;
  Tokens last;
  while (from <= cell.text.size()) {
    const std::size_t blank = std::min(cell.text.find(' ', from), cell.text.size());
    const Cell piece{cell.offset + from, cell.text.substr(from, blank - from)};
    const std::size_t colon = piece.text.find(':');
    if (colon == piece.text.npos) return wrong(piece, "piece", "is not of the form content:until");
    const Cell until{piece.offset + colon + 1, piece.text.substr(colon + 1)};
    const Tokens before = last;
    std::uint64_t content = 0;
    if (auto p = parse_id({piece.offset, piece.text.substr(0, colon)}, "content", content))
      return p;
    if (auto p = parse_tokens(until, "until", last)) return p;
    if (last <= before) return wrong(until, "until", "is not above the piece before");
    if (last > prompt) return wrong(until, "until", "is beyond the prompt");
    pieces.push_back({content, last.value()});
    from = blank + 1;
  }
  return std::nullopt;
}

}  // namespace tokenyard::traffic
