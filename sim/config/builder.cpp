// SPDX-License-Identifier: Apache-2.0
#include "config/builder.hpp"

#include <algorithm>
#include <utility>

#include "config/numbers.hpp"
#include "config/paths.hpp"
#include "config/text.hpp"
#include "core/contracts.hpp"

namespace tokenyard::config {
namespace {

constexpr std::size_t most_levels = 100;
constexpr std::size_t most_values = 1'000'000;
constexpr std::size_t bytes_like_a_value = 64;

constexpr auto key_problem =
    "a list or map as a key, or a bracket that is not closed; write a name, or close it";

}  // namespace

Value::Kind plain_kind(const std::string& text) {
  if (text == "true" || text == "false") return Value::Kind::boolean;
  return is_number(text) ? Value::Kind::number : Value::Kind::string;
}

void TreeBuilder::open(Value::Kind kind, Position at) {
  if (wants_key()) fail(at, key_problem);
  if (frames_.size() >= most_levels) fail(at, "nested deeper than 100 levels; flatten it");
  charge(1, at);
  Frame& frame = frames_.emplace_back();
  frame.built.value.kind = kind;
  frame.built.value.at = at;
}

Built TreeBuilder::close() {
  SIM_EXPECT(!frames_.empty());
  note_duplicates(frames_.back().built.value);
  Built built = std::move(frames_.back().built);
  frames_.pop_back();
  return built;
}

void TreeBuilder::put(Built built) {
  if (wants_key()) {
    take_key(built.value);
    return;
  }
  if (frames_.size() + built.height > most_levels) {
    fail(built.value.at, "nested deeper than 100 levels; flatten it");
  }
  if (frames_.empty()) {
    root_ = std::move(built.value);
    return;
  }
  Frame& frame = frames_.back();
  frame.built.weight += built.weight;
  frame.built.height = std::max(frame.built.height, built.height + 1);
  Value& parent = frame.built.value;
  if (parent.kind == Value::Kind::list) {
    parent.items.push_back(std::move(built.value));
    return;
  }
  // The parser places a value that is left out at what comes next.
  if (built.value.kind == Value::Kind::null) built.value.at = frame.key_at;
  parent.members.push_back({std::move(frame.key), frame.key_at, std::move(built.value)});
  frame.has_key = false;
}

Built TreeBuilder::scalar(Value::Kind kind, std::string text, Position at) {
  if (first_bad_byte(text) < text.size()) note(at, "a control character in a text; remove it");
  Built built;
  built.weight = 1 + text.size() / bytes_like_a_value;
  built.value.kind = kind;
  built.value.text = std::move(text);
  built.value.at = at;
  charge(built.weight, at);
  return built;
}

void TreeBuilder::charge(std::size_t weight, Position at) {
  weight_ += weight;
  if (weight_ > most_values) {
    fail_by_size(at);
  }
}

void TreeBuilder::fail_by_size(Position at) {
  fail(at, "more than 1,000,000 keys and values (aliases expanded); split the file");
}

void TreeBuilder::note(Position at, std::string text) {
  mistakes_.add({file_, at, path(), std::move(text)});
}

void TreeBuilder::fail(Position at, std::string text) {
  mistakes_.add({file_, at, path(), text});
  mistakes_.throw_if_any();
  throw ConfigError(Mistake{file_, at, "", std::move(text)});
}

bool TreeBuilder::wants_key() const {
  return !frames_.empty() && frames_.back().built.value.kind == Value::Kind::map &&
         !frames_.back().has_key;
}

Value TreeBuilder::take_root() {
  SIM_EXPECT(frames_.empty());
  return std::move(root_);
}

void TreeBuilder::take_key(const Value& key) {
  if (!key.is_scalar()) fail(key.at, key_problem);
  if (key.kind == Value::Kind::null) note(key.at, "a key without a name; write one, or quote it");
  Frame& frame = frames_.back();
  frame.has_key = true;
  frame.key = key.text;
  frame.key_at = key.at;
}

// Labels of lists are made from what was read so far: good enough to find the place.
std::string TreeBuilder::path() const {
  std::string path;
  for (std::size_t i = 0; i < frames_.size(); ++i) {
    const Frame& frame = frames_[i];
    if (frame.built.value.kind == Value::Kind::map) {
      if (frame.has_key) path = member_path(path, frame.key);
      continue;
    }
    const Value* name = i + 1 < frames_.size() ? frames_[i + 1].built.value.find("name") : nullptr;
    path = element_path(path, name != nullptr && name->is_scalar() && !name->text.empty()
                                  ? name->text
                                  : std::to_string(frame.built.value.items.size()));
  }
  return path;
}

void TreeBuilder::note_duplicates(const Value& map) {
  std::vector<const Value::Member*> sorted;
  for (const Value::Member& member : map.members) sorted.push_back(&member);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto* a, const auto* b) { return a->key < b->key; });
  const std::string here = sorted.empty() ? "" : path();
  const Value::Member* first = nullptr;
  for (const Value::Member* member : sorted) {
    if (first == nullptr || first->key != member->key) {
      first = member;
      continue;
    }
    mistakes_.add({file_, member->key_at, member_path(here, member->key),
                   "given twice (first on line " + std::to_string(first->key_at.line) +
                       "); keep one of them"});
  }
}

}  // namespace tokenyard::config
