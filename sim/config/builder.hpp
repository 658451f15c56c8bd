// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "config/value.hpp"

namespace tokenyard::config {

// A finished subtree, with what the limits count.
struct Built {
  Value value;
  std::size_t weight = 1;  // values, plus one for each 64 bytes of text
  std::size_t height = 0;  // levels below it
};

// Builds a tree from a parser's events and notes what is wrong with it. A mistake after which the
// tree has no shape is thrown at once, together with those noted before.
class TreeBuilder {
 public:
  explicit TreeBuilder(std::string file) : file_(std::move(file)) {}

  void open(Value::Kind kind, Position at);  // a list or a map
  Built close();                             // the innermost one, to be put in its place
  void put(Built built);                     // the next key, member or element, or the root

  // A scalar from the file; control characters, which escapes can spell, are a mistake.
  Built scalar(Value::Kind kind, std::string text, Position at);

  // Counts weight against the limit of 1,000,000 keys and values.
  void charge(std::size_t weight, Position at);
  [[noreturn]] void fail_by_size(Position at);
  void note(Position at, std::string text);
  [[noreturn]] void fail(Position at, std::string text);
  void fail_if_any() const { mistakes_.throw_if_any(); }

  bool wants_key() const;
  Value take_root();

 private:
  struct Frame {
    Built built;
    bool has_key = false;  // of the member that comes next
    std::string key;
    Position key_at;
  };

  std::string path() const;
  void take_key(const Value& key);
  void note_duplicates(const Value& map);

  std::string file_;
  Mistakes mistakes_;
  std::vector<Frame> frames_;
  Value root_;
  std::size_t weight_ = 0;
};

// The kind of an unquoted scalar.
Value::Kind plain_kind(const std::string& text);

}  // namespace tokenyard::config
