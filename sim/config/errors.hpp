// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace tokenyard::config {

// Where in a file, counted from 1 (columns in characters); 0 where the file has no such place.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  auto operator<=>(const Position&) const = default;
};

// One mistake of the user's. Text: problem (why it is one); what to do.
struct Mistake {
  std::string file;
  Position at;
  std::string path;  // dotted key path inside the file, empty if there is none
  std::string text;

  bool operator==(const Mistake&) const = default;
};

// `file:line:column: path: problem; what to do`, leaving out what is absent. Always one line:
// control characters of strangers' files are shown as \xNN, paths beyond 300 bytes shortened.
std::string describe(const Mistake& mistake);

// The user's mistakes, all that were found at once. Caught once, in main, which exits with 2.
class ConfigError : public std::exception {
 public:
  explicit ConfigError(std::vector<Mistake> mistakes);
  explicit ConfigError(Mistake mistake);

  const char* what() const noexcept override { return text_.c_str(); }  // a line for each
  const std::vector<Mistake>& mistakes() const { return mistakes_; }

 private:
  std::vector<Mistake> mistakes_;
  std::string text_;
};

// Collects mistakes so that a file's are reported together, in file order, each place once.
class Mistakes {
 public:
  // Beyond these a list helps nobody: further ones are only counted.
  static constexpr std::size_t limit = 1000;

  // Dropped if the same path of the same file already has a mistake at this position. (The keys
  // that one section misses share its position and differ in their paths: all are kept.)
  void add(Mistake mistake);
  bool contains(std::string_view file, Position at, std::string_view path) const;
  bool empty() const { return found_.empty(); }
  bool full() const { return found_.size() >= limit; }
  std::size_t size() const { return found_.size(); }
  const std::vector<Mistake>& all() const { return found_; }
  void throw_if_any() const;

 private:
  std::vector<Mistake> found_;  // files in order of appearance, positions ascending in each
  std::size_t left_out_ = 0;
};

// The name among `known` nearest to `word` by edit distance, or "" if none is near enough to be
// what was meant.
std::string nearest(const std::string& word, const std::vector<std::string>& known);

// The parts that texts of mistakes share. Words beyond 60 bytes lose their middle.
std::string brief(std::string_view word);
std::string in_quotes(std::string_view word);  // brief, in '...'
std::string unknown_key(const std::string& word, const std::vector<std::string>& known);
std::string unknown_name(const std::string& word, const std::vector<std::string>& known);
std::string missing_key();

}  // namespace tokenyard::config
