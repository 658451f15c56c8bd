// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "traffic/csv_cells.hpp"

namespace tokenyard::traffic {

// A member of a JSON object, as written: texts without their quotes, escapes left as they are.
struct JsonMember {
  enum class Kind : std::uint8_t { number, text, list, other };

  Cell key;
  Cell value;
  Kind kind = Kind::other;
};

// Walks the members of one object of a line, in strict JSON (RFC 8259) nested at most 32 deep.
// Holds nothing of the line and takes time proportional to its length.
class JsonObject {
 public:
  // `at`: where its brace should be.
  JsonObject(std::string_view line, std::size_t at);

  // False at the object's end, and at a mistake.
  bool next(JsonMember& member);

  const std::optional<Problem>& problem() const { return problem_; }
  // Behind what was read.
  std::size_t end() const { return at_; }

 private:
  bool fail(std::string_view what);
  bool take(char c);
  bool take_comma(bool first);
  bool member(JsonMember& member, int depth);
  bool value(JsonMember::Kind& kind, int depth);
  bool text();
  bool escape();
  bool number();
  bool digits();
  bool word(std::string_view expected);
  bool list(int depth);
  bool object(int depth);

  std::string_view line_;
  std::size_t at_;
  bool first_ = true;
  bool ended_ = false;
  std::optional<Problem> problem_;
};

// A member that a format reads, and where it is put; several keys may share a place.
struct JsonKey {
  std::string_view name;
  std::size_t place = 0;
  JsonMember::Kind kind = JsonMember::Kind::number;
  bool of_this_kind_only = false;  // of another kind it is something else, and left out
};

// Reads the members named in `keys` of the object at `at`, which becomes its end. Each place must
// be filled once.
std::optional<Problem> read_object(std::string_view line, std::size_t& at,
                                   std::span<const JsonKey> keys, std::span<JsonMember> members);

// The same for an object that is the whole line.
std::optional<Problem> read_object_line(std::string_view line, std::span<const JsonKey> keys,
                                        std::span<JsonMember> members);

// Whether the line begins with an object that has a member for each of so many places.
bool has_members(std::string_view line, std::span<const JsonKey> keys, std::size_t places);

// The elements of a list of numbers, one after another.
class JsonIds {
 public:
  explicit JsonIds(const Cell& list);
  bool next(Cell& id);

 private:
  Cell rest_;
  bool ended_ = false;
};

std::size_t skip_blanks(std::string_view line, std::size_t at);

}  // namespace tokenyard::traffic
