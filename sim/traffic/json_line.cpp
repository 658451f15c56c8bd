// SPDX-License-Identifier: Apache-2.0
#include "traffic/json_line.hpp"

#include <algorithm>

namespace tokenyard::traffic {
namespace {

constexpr int deepest = 32;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

std::size_t skip_blanks(std::string_view line, std::size_t at) {
  while (at < line.size() && is_blank(line[at])) ++at;
  return at;
}

JsonObject::JsonObject(std::string_view line, std::size_t at) : line_(line), at_(at) {
  if (!take('{')) fail("a JSON object should begin here");
}

bool JsonObject::next(JsonMember& found) {
  if (ended_ || problem_) return false;
  if (take('}')) {
    ended_ = true;
    return false;
  }
  if (!take_comma(first_)) return false;
  first_ = false;
  return member(found, 1);
}

bool JsonObject::fail(std::string_view what) {
  const bool cut = at_ >= line_.size();
  problem_ = {
      std::min(at_, line_.size()),
      std::string(cut ? "the line ends inside a JSON object; write each on one line" : what)};
  return false;
}

bool JsonObject::take(char c) {
  at_ = skip_blanks(line_, at_);
  if (at_ >= line_.size() || line_[at_] != c) return false;
  ++at_;
  return true;
}

bool JsonObject::take_comma(bool first) {
  return first || take(',') || fail("not JSON: a comma or a closing bracket should be here");
}

bool JsonObject::member(JsonMember& found, int depth) {
  at_ = skip_blanks(line_, at_);
  const std::size_t key = at_ + 1;
  if (!text()) return false;
  found.key = {key, line_.substr(key, at_ - 1 - key)};
  if (!take(':')) return fail("not JSON: a colon should be here");
  at_ = skip_blanks(line_, at_);
  std::size_t begin = at_;
  if (!value(found.kind, depth)) return false;
  std::size_t end = at_;
  if (found.kind == JsonMember::Kind::text) ++begin, --end;
  found.value = {begin, line_.substr(begin, end - begin)};
  return true;
}

bool JsonObject::value(JsonMember::Kind& kind, int depth) {
  using Kind = JsonMember::Kind;
  at_ = skip_blanks(line_, at_);
  if (depth > deepest) return fail("JSON that nests deeper than 32 levels");
  kind = Kind::other;
  switch (at_ < line_.size() ? line_[at_] : '\0') {
    case '"':
      kind = Kind::text;
      return text();
    case '[':
      kind = Kind::list;
      return list(depth);
    case '{':
      return object(depth);
    case 't':
      return word("true");
    case 'f':
      return word("false");
    case 'n':
      return word("null");
    default:
      kind = Kind::number;
      return number();
  }
}

bool JsonObject::text() {
  if (at_ >= line_.size() || line_[at_] != '"') return fail("not JSON: a quote should be here");
  ++at_;
  while (at_ < line_.size() && line_[at_] != '"') {
    if (static_cast<unsigned char>(line_[at_]) < 0x20) return fail("a control character in a text");
    if (line_[at_++] == '\\' && !escape()) return false;
  }
  if (at_ >= line_.size()) return fail("");
  ++at_;
  return true;
}

bool JsonObject::escape() {
  constexpr std::string_view known = "\"\\/bfnrtu";
  const std::size_t digits = at_ < line_.size() && line_[at_] == 'u' ? 4 : 0;
  if (at_ >= line_.size() || known.find(line_[at_]) == known.npos) {
    return fail("not JSON: an escape that it does not have");
  }
  ++at_;
  for (std::size_t i = 0; i < digits; ++i, ++at_) {
    if (at_ >= line_.size() || !is_hex_digit(line_[at_])) {
      return fail("not JSON: four hexadecimal digits should be here");
    }
  }
  return true;
}

bool JsonObject::number() {
  const auto is = [this](std::string_view any) {
    return at_ < line_.size() && any.find(line_[at_]) != any.npos;
  };
  if (is("-")) ++at_;
  const std::size_t begin = at_;
  if (!digits()) return false;
  if (line_[begin] == '0' && at_ > begin + 1) {
    at_ = begin;
    return fail("not JSON: a number with a leading zero");
  }
  if (is(".")) {
    ++at_;
    if (!digits()) return false;
  }
  if (!is("eE")) return true;
  ++at_;
  if (is("+-")) ++at_;
  return digits();
}

bool JsonObject::digits() {
  const std::size_t begin = at_;
  while (at_ < line_.size() && is_digit(line_[at_])) ++at_;
  return at_ > begin || fail("not JSON: a value should be here");
}

bool JsonObject::word(std::string_view expected) {
  if (!line_.substr(at_).starts_with(expected)) return fail("not JSON: a value should be here");
  at_ += expected.size();
  return true;
}

bool JsonObject::list(int depth) {
  ++at_;
  JsonMember::Kind kind{};
  for (bool first = true; !take(']'); first = false) {
    if (!take_comma(first) || !value(kind, depth + 1)) return false;
  }
  return true;
}

bool JsonObject::object(int depth) {
  ++at_;
  JsonMember inner;
  for (bool first = true; !take('}'); first = false) {
    if (!take_comma(first) || !member(inner, depth + 1)) return false;
  }
  return true;
}

}  // namespace tokenyard::traffic
