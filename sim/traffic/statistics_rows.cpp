// SPDX-License-Identifier: Apache-2.0
#include "traffic/statistics_rows.hpp"

#include <algorithm>
#include <filesystem>

#include "config/text.hpp"

namespace tokenyard::traffic {

std::string_view header_of(LineReader& lines) {
  std::string_view header;
  if (lines.next(header)) return header;
  refuse_file(lines.path(), "is empty; statistics begin with their header");
}

void read_rows(LineReader& lines, std::size_t columns, std::size_t most, const TakeRow& take) {
  config::Mistakes mistakes;
  std::string_view line;
  std::vector<Cell> cells;
  std::size_t rows = 0;
  while (!mistakes.full() && lines.next(line)) {
    if (++rows > most) {
      mistakes.add(lines.mistake(0, "is the row after the " + std::to_string(most) +
                                        " that can be described at once; split the file"));
      break;
    }
    auto problem = split(line, columns, cells);
    if (!problem) problem = take(cells);
    if (!problem) continue;
    if (problem->text.find(';') == std::string::npos) problem->text += "; correct it";
    mistakes.add(lines.mistake(problem->offset, std::move(problem->text)));
  }
  mistakes.throw_if_any();
  if (rows == 0) refuse_file(lines.path(), "has no rows below its header; name another file");
}

bool is_label(std::string_view text) {
  return !text.empty() && config::first_bad_byte(text) == text.size() &&
         std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

std::optional<Problem> parse_label(const Cell& cell, std::string_view name, std::string& text) {
  std::string_view given;
  if (auto problem = parse_name(cell, name, given)) return problem;
  if (given.empty()) return Problem{cell.offset, std::string(name) + " is empty; fill it in"};
  if (!is_label(given)) {
    return wrong(cell, name, "has a byte that is no UTF-8 or a control character; remove it");
  }
  text = given;
  return std::nullopt;
}

std::string file_and_digest(const std::string& path) {
  std::string name = std::filesystem::path(path).filename().string();
  if (!is_label(name)) name = "a file";
  return name + " (sha256 " + file_sha256(path) + ")";
}

void refuse_file(const std::string& path, std::string text) {
  throw config::ConfigError(config::Mistake{path, {}, "", std::move(text)});
}

}  // namespace tokenyard::traffic
