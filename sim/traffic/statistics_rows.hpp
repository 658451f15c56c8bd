// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "traffic/csv_cells.hpp"
#include "traffic/line_reader.hpp"

namespace tokenyard::traffic {

// What the importers of statistics (not of requests) share.

using TakeRow = std::function<std::optional<Problem>(std::span<const Cell>)>;

// The numbers that a file of statistics may make a workload of: its reader takes 1,000,000 values.
inline constexpr std::size_t most_described = 900'000;
inline constexpr std::size_t most_described_clients = 10'000;
inline constexpr std::size_t most_described_steps = 100'000;

// Throws ConfigError for an empty file.
std::string_view header_of(LineReader& lines);

// Gives `take` the cells of every row below the header. Throws ConfigError with all mistakes, for
// a file without rows, and for one of more than `most`.
void read_rows(LineReader& lines, std::size_t columns, std::size_t most, const TakeRow& take);

// A name that becomes part of a YAML file: not empty, UTF-8 without control characters.
std::optional<Problem> parse_label(const Cell& cell, std::string_view name, std::string& text);
bool is_label(std::string_view text);

// The file's name and the digest of its content, for the `source` of a workload.
std::string file_and_digest(const std::string& path);

[[noreturn]] void refuse_file(const std::string& path, std::string text);

}  // namespace tokenyard::traffic
