// SPDX-License-Identifier: Apache-2.0
#include "config/section.hpp"

#include <algorithm>
#include <utility>

#include "config/json_text.hpp"
#include "config/kinds.hpp"
#include "config/paths.hpp"
#include "core/contracts.hpp"

namespace tokenyard::config {
namespace {

const Value& empty_map() {
  static const Value empty = [] {
    Value map;
    map.kind = Value::Kind::map;
    return map;
  }();
  return empty;
}

const std::string* file_of(const Value& value, const std::string* parents) {
  return value.source ? value.source.get() : parents;
}

bool is_below(std::string_view path, std::string_view ancestor) {
  return path.starts_with(ancestor) &&
         (path.size() == ancestor.size() || path[ancestor.size()] == '.' ||
          path[ancestor.size()] == '[');
}

}  // namespace

std::string Resolved::canonical_json(std::span<const std::string_view> ignored) const {
  std::string text;
  for (const auto& [path, entry] : entries) {
    const bool left_out =
        entry.origin == Origin::derived ||
        std::any_of(ignored.begin(), ignored.end(),
                    [&path = path](std::string_view name) { return is_below(path, name); });
    if (left_out) continue;
    text += (text.empty() ? "{" : ",") + json_string(path) + ":" + entry.json;
  }
  return text.empty() ? "{}" : text + "}";
}

Section::Section(const Document& document, Reading& reading)
    : Section(&document.root, "", file_of(document.root, &document.file), &reading) {
  *this = map_at({document.root, "", file_});
}

Section::Section(const Value* value, std::string path, const std::string* file, Reading* reading)
    : value_(value), path_(std::move(path)), file_(file), reading_(reading), at_(value->at) {
  for (const Value::Member& member : value->members) sorted_.push_back(&member);
  std::sort(sorted_.begin(), sorted_.end(),
            [](const auto* a, const auto* b) { return a->key < b->key; });
}

Section Section::stand_in(std::string path, Position at) const {
  Section section(&empty_map(), std::move(path), file_, reading_);
  section.at_ = at;
  section.quiet_ = quiet_;
  return section;
}

Section Section::map_at(const Spot& spot) const {
  if (spot.value.kind == Value::Kind::map) {
    return Section(&spot.value, spot.path, spot.file, reading_);
  }
  note(spot, wrong_type(spot.value, {"object"}));
  Section wrong = stand_in(spot.path, spot.value.at);
  wrong.quiet_ = true;
  return wrong;
}

const Value* Section::find(std::string_view key) const {
  const auto found = std::lower_bound(
      sorted_.begin(), sorted_.end(), key,
      [](const auto* member, std::string_view word) { return member->key < word; });
  if (found == sorted_.end() || (*found)->key != key) return nullptr;
  const Value& value = (*found)->value;
  return value.kind == Value::Kind::null ? nullptr : &value;
}

bool Section::has(std::string_view key) const { return find(key) != nullptr; }

bool Section::has_map(std::string_view key) const {
  const Value* value = find(key);
  return value != nullptr && value->kind == Value::Kind::map;
}

bool Section::has_list(std::string_view key) const {
  const Value* value = find(key);
  return value != nullptr && value->kind == Value::Kind::list;
}

Position Section::position(std::string_view key) const {
  const Value* value = find(key);
  return value == nullptr ? at_ : value->at;
}

std::vector<std::string> Section::names() const {
  std::vector<std::string> names;
  for (const Value::Member* member : sorted_) names.push_back(member->key);
  return names;
}

const Value* Section::take(std::string_view key) {
  known_.emplace_back(key);
  return find(key);
}

void Section::skip(std::string_view key) { take(key); }

std::string Section::path_of(std::string_view key) const { return member_path(path_, key); }

Section::Spot Section::spot(const Value& value, std::string_view key) const {
  return {value, path_of(key), file_of(value, file_)};
}

void Section::note(const Spot& spot, std::string text) const {
  reading_->mistakes.add({*spot.file, spot.value.at, spot.path, std::move(text)});
}

void Section::mistake(std::string_view key, std::string text) {
  const Value* value = key.empty() ? nullptr : find(key);
  if (value != nullptr) return note(spot(*value, key), std::move(text));
  reading_->mistakes.add({*file_, at_, key.empty() ? path_ : path_of(key), std::move(text)});
}

void Section::missing(std::string_view key) {
  if (!quiet_) mistake(key, missing_key());
}

void Section::record(std::string_view key, std::string json, std::string_view unit,
                     Resolved::Origin origin) {
  reading_->resolved.entries[path_of(key)] = {std::move(json), std::string(unit), origin};
}

void Section::derived(std::string_view key, double value, std::string_view unit) {
  const auto old = reading_->resolved.entries.find(path_of(key));
  SIM_EXPECT(old == reading_->resolved.entries.end() ||
             old->second.origin == Resolved::Origin::derived);
  record(key, json_number(value), unit, Resolved::Origin::derived);
}

void Section::finish() {
  std::sort(known_.begin(), known_.end());
  known_.erase(std::unique(known_.begin(), known_.end()), known_.end());
  for (const Value::Member& member : value_->members) {
    if (reading_->mistakes.full()) return;
    if (std::binary_search(known_.begin(), known_.end(), member.key)) continue;
    reading_->mistakes.add({*file_of(member.value, file_), member.key_at, path_of(member.key),
                            unknown_key(member.key, known_)});
  }
}

Section Section::child(std::string_view key) {
  const Value* value = take(key);
  if (value != nullptr) return map_at(spot(*value, key));
  Section absent = stand_in(path_of(key), at_);
  absent.quiet_ = quiet_ || reading_->mistakes.contains(*file_, at_, absent.path_);
  return absent;
}

}  // namespace tokenyard::config
