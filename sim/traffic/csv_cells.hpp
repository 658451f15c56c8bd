// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/quantity.hpp"
#include "traffic/trace_format.hpp"

namespace tokenyard::traffic {

using Problem = TraceFormat::Problem;

inline constexpr std::int64_t most_exact = std::int64_t{1} << 53;

// A part of a line, and where it begins.
struct Cell {
  std::size_t offset = 0;
  std::string_view text;
};

// The cells of a line without quotes.
void split(std::string_view line, std::vector<Cell>& cells);
// The same for a line that must have as many as the header.
std::optional<Problem> split(std::string_view line, std::size_t count, std::vector<Cell>& cells);

// The columns of a header as places in `known`, each at most once.
std::optional<Problem> read_columns(std::string_view header,
                                    std::span<const std::string_view> known,
                                    std::vector<std::uint8_t>& columns);

// A cell as a message shows it: "NAME 'CELL' ".
std::string shown(std::string_view name, std::string_view cell);
Problem wrong(const Cell& cell, std::string_view name, std::string_view what);

// `name` is what a message calls the cell.
std::optional<Problem> parse_tokens(const Cell& cell, std::string_view name, Tokens& tokens,
                                    std::int64_t least = 1);
std::optional<Problem> parse_id(const Cell& cell, std::string_view name, std::uint64_t& id);
std::optional<Problem> parse_seconds(const Cell& cell, std::string_view name, double& seconds);
std::optional<Problem> parse_name(const Cell& cell, std::string_view name, std::string_view& text);

// "2023-11-16 18:15:46.6805900", up to nine decimals, optionally +00:00: nanoseconds since 1970.
std::optional<std::int64_t> parse_stamp(std::string_view text);

// The number of a session that a trace calls by a number or by any other text.
std::uint64_t session_number(std::string_view text);

// "content:until content:until": of a prompt of so many tokens.
std::optional<Problem> parse_pieces(const Cell& cell, Tokens prompt, std::vector<Piece>& pieces);

}  // namespace tokenyard::traffic
