// SPDX-License-Identifier: Apache-2.0
#include "config/yaml_syntax.hpp"

#include <yaml-cpp/exceptions.h>

#include <algorithm>
#include <cstddef>

#include "config/text.hpp"

namespace tokenyard::config {
namespace {

// yaml-cpp reads some tabs in the indentation as blanks and stumbles over others later.
bool indented_by_tab(std::string_view line) {
  const std::size_t word = std::min(line.find_first_not_of(" \t"), line.size());
  const bool blank = word == line.size() || line[word] == '\r';
  return !blank && line.substr(0, word).find('\t') != std::string_view::npos;
}

// It also keeps in memory, at 250 times its size, the line or the outermost bracket it reads.
constexpr std::size_t most_bytes_of_line = 1 << 20;
constexpr std::ptrdiff_t most_brackets = 2'000'000;  // and commas: twice what may be a tree

struct Words {
  std::string_view parsers;
  std::string_view ours;
};

}  // namespace

void check_shape(TreeBuilder& builder, std::string_view text) {
  Places places(text);
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view line = text.substr(start, end - start);
    if (indented_by_tab(line)) {
      builder.fail(places.at(start), "a tab in the indentation; use blanks");
    }
    if (line.size() > most_bytes_of_line) {
      builder.fail(places.at(start), "a line longer than 1 MiB; break it");
    }
    start = end + 1;
  }
  const auto flow = [](char c) { return c == '[' || c == '{' || c == ','; };
  if (std::count_if(text.begin(), text.end(), flow) > most_brackets) builder.fail_by_size({});
}

bool starts_unclosed_quote(std::string_view text) {
  while (text.starts_with('&') || text.starts_with('!')) {
    text.remove_prefix(std::min(text.find_first_of(" \t\r\n"), text.size()));
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  }
  if (!text.starts_with('"') && !text.starts_with('\'')) return false;
  const char quote = text.front();
  for (std::size_t i = 1; i < text.size(); ++i) {
    const bool pair = quote == '"' ? text[i] == '\\' : text.substr(i).starts_with("''");
    if (pair) {
      ++i;
    } else if (text[i] == quote) {
      return false;
    }
  }
  return true;
}

std::string in_our_words(const std::string& problem) {
  static const Words words[] = {
      {YAML::ErrorMsg::END_OF_SEQ_FLOW, "a list is not closed; add ']', or a comma before this"},
      {YAML::ErrorMsg::END_OF_MAP_FLOW, "a map is not closed; add '}', or a comma before this"},
      {YAML::ErrorMsg::END_OF_MAP, "not a key of the map above; check the indentation"},
      {YAML::ErrorMsg::END_OF_SEQ, "not an element of the list above; check the indentation"},
      {YAML::ErrorMsg::MAP_VALUE,
       "a colon is not expected here; indent a map below its key, or put "
       "a text with a colon in quotes"},
      {YAML::ErrorMsg::BLOCK_ENTRY, "a list is not expected here; start it on a line of its own"},
      {YAML::ErrorMsg::FLOW_END, "a bracket closes what is not open; remove it"},
      {YAML::ErrorMsg::UNKNOWN_TOKEN, "a text cannot start with this character; put it in quotes"},
      {YAML::ErrorMsg::EOF_IN_SCALAR, "a quote that is not closed; close it"},
      {YAML::ErrorMsg::UNKNOWN_ANCHOR,
       "an alias of an anchor that is not defined; define it above"},
  };
  for (const Words& pair : words) {
    if (problem.starts_with(pair.parsers)) return std::string(pair.ours);
  }
  return "not valid YAML (" + brief(problem) + "); check indentation, colons and quotes";
}

}  // namespace tokenyard::config
