// SPDX-License-Identifier: Apache-2.0
#include "network/refusal.hpp"

#include <charconv>
#include <string_view>

namespace tokenyard::network {
namespace {

constexpr std::size_t most_characters = 300;

// What follows says nothing about the file.
bool ends_message(std::string_view line) {
  return line == "Segmentation fault." || line.starts_with("Backtrace") ||
         line.starts_with("Current backtrace") || line.starts_with("  ->") ||
         line.starts_with("Exiting now");
}

// The lines before the first backtrace, as one, with single blanks.
std::string said(std::string_view output) {
  std::string text;
  while (!output.empty()) {
    const std::size_t end = output.find('\n');
    const std::string_view line = output.substr(0, end);
    if (ends_message(line)) break;
    for (const char c : line) {
      const bool blank = c == ' ' || c == '\t' || c == '\r';
      if (!blank) text += c;
      if (blank && !text.empty() && text.back() != ' ') text += ' ';
    }
    if (!text.empty() && text.back() != ' ') text += ' ';
    output.remove_prefix(end == std::string_view::npos ? output.size() : end + 1);
  }
  if (!text.empty()) text.pop_back();
  return text;
}

// Removes `start` and what follows up to the first `end`, if the text starts so.
void strip(std::string& text, std::string_view start, std::string_view end) {
  if (!text.starts_with(start)) return;
  const std::size_t at = text.find(end, start.size());
  if (at != std::string::npos) text.erase(0, at + end.size());
}

// Takes "Parse error at PATH:LINE: " off, and returns the line; 0 if there is none.
std::uint32_t take_line(std::string& text) {
  constexpr std::string_view start = "Parse error at ";
  const std::size_t end = text.starts_with(start) ? text.find(": ") : std::string::npos;
  if (end == std::string::npos) return 0;
  const std::size_t colon = text.rfind(':', end - 1);
  std::uint32_t line = 0;
  if (colon != std::string::npos) std::from_chars(&text[colon] + 1, &text[end], line);
  text.erase(0, end + 2);
  return line;
}

// A misprint of SimGrid's that says the opposite of what it means, before a list of all hosts.
void correct(std::string& text) {
  constexpr std::string_view misprint = "' does name a node.";
  const std::size_t at = text.find(misprint);
  if (at != std::string::npos)
    text.replace(at, std::string::npos, "' names nothing that stands above");
}

void shorten(std::string& text) {
  if (text.size() <= most_characters) return;
  std::size_t end = most_characters;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  text += "...";
}

}  // namespace

config::Mistake refusal(const std::string& file, const ProbeFailure& failure) {
  std::string text = said(failure.output);
  strip(text, "Uncaught exception ", ": ");
  const std::uint32_t line = take_line(text);
  strip(text, "Invalid XML (", "): ");
  correct(text);
  while (!text.empty() && (text.back() == '.' || text.back() == ':')) text.pop_back();
  shorten(text);
  if (!failure.end.empty()) text += (text.empty() ? "" : "; ") + failure.end;
  if (text.empty()) text = "it says nothing";
  return {file, {line, 0}, "", "SimGrid refuses it (" + text + "); correct the file"};
}

}  // namespace tokenyard::network
