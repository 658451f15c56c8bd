// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "traffic/json_line.hpp"

namespace tokenyard::traffic {
namespace {

const JsonKey* find(std::span<const JsonKey> keys, const JsonMember& member) {
  for (const JsonKey& key : keys) {
    if (key.name != member.key.text) continue;
    return key.of_this_kind_only && key.kind != member.kind ? nullptr : &key;
  }
  return nullptr;
}

std::string_view name_of_place(std::span<const JsonKey> keys, std::size_t place) {
  const auto found = std::find_if(keys.begin(), keys.end(),
                                  [place](const JsonKey& key) { return key.place == place; });
  return found == keys.end() ? "" : found->name;
}

}  // namespace

std::optional<Problem> read_object(std::string_view line, std::size_t& at,
                                   std::span<const JsonKey> keys, std::span<JsonMember> members) {
  std::fill(members.begin(), members.end(), JsonMember{});
  JsonObject object(line, at);
  JsonMember member;
  while (object.next(member)) {
    const JsonKey* key = find(keys, member);
    if (key == nullptr) continue;
    if (member.kind != key->kind) {
      return wrong(member.value, key->name,
                   key->kind == JsonMember::Kind::list ? "is not a list" : "is not a number");
    }
    JsonMember& place = members[key->place];
    if (!place.key.text.empty()) {
      return Problem{member.key.offset, shown("key", member.key.text) + "after '" +
                                            std::string(place.key.text) + "'; keep one of the two"};
    }
    place = member;
  }
  at = object.end();
  if (object.problem()) return object.problem();
  for (std::size_t place = 0; place < members.size(); ++place) {
    if (!members[place].key.text.empty()) continue;
    return Problem{at - 1, "the object has no '" + std::string(name_of_place(keys, place)) + "'"};
  }
  return std::nullopt;
}

std::optional<Problem> read_object_line(std::string_view line, std::span<const JsonKey> keys,
                                        std::span<JsonMember> members) {
  std::size_t at = skip_blanks(line, 0);
  if (at == line.size()) return Problem{0, "a blank line; remove it"};
  if (auto problem = read_object(line, at, keys, members)) return problem;
  at = skip_blanks(line, at);
  if (at == line.size()) return std::nullopt;
  return Problem{at, "something follows the object; write each on a line of its own"};
}

bool has_members(std::string_view line, std::span<const JsonKey> keys, std::size_t places) {
  JsonObject object(line, 0);
  JsonMember member;
  std::uint64_t found = 0;
  while (object.next(member)) {
    if (const JsonKey* key = find(keys, member)) found |= std::uint64_t{1} << key->place;
  }
  return found + 1 == std::uint64_t{1} << places;
}

JsonIds::JsonIds(const Cell& list)
    : rest_{list.offset + 1, list.text.substr(1, list.text.size() - 2)} {
  if (skip_blanks(rest_.text, 0) == rest_.text.size()) ended_ = true;
}

bool JsonIds::next(Cell& id) {
  if (ended_) return false;
  const std::size_t begin = skip_blanks(rest_.text, 0);
  const std::size_t comma = std::min(rest_.text.find(',', begin), rest_.text.size());
  std::size_t end = comma;
  while (end > begin &&
         std::string_view(" \t\r").find(rest_.text[end - 1]) != std::string_view::npos)
    --end;
  id = {rest_.offset + begin, rest_.text.substr(begin, end - begin)};
  ended_ = comma == rest_.text.size();
  if (!ended_) rest_ = {rest_.offset + comma + 1, rest_.text.substr(comma + 1)};
  return true;
}

}  // namespace tokenyard::traffic
