// SPDX-License-Identifier: Apache-2.0
#include "config/value.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "config/paths.hpp"
#include "config/yaml.hpp"

namespace tokenyard::config {
namespace {

constexpr std::size_t most_steps = 100;

// Where a setting stands: what a mistake in its path says, and what is made on the way is given.
struct Place {
  std::shared_ptr<const std::string> source;
  Position at;       // of the path, if it stands in a file
  std::string path;  // the same
};

// Walks a document along a path, making the maps that are missing.
class Walk {
 public:
  Walk(Document& document, Place place) : place_(std::move(place)), at_(&document.root) {}

  void take(const Step& step) {
    at_ = at_->kind == Value::Kind::list ? element(step) : member(step);
    walked_ = step.bracket ? element_path(walked_, step.name) : member_path(walked_, step.name);
  }

  void set(Value value) {
    *at_ = std::move(value);
    if (!at_->source) at_->source = place_.source;
    if (member_ != nullptr) member_->key_at = key_at();
  }

 private:
  [[noreturn]] void fail(const std::string& text) const {
    throw ConfigError(Mistake{*place_.source, place_.at, place_.path, text});
  }
  Position key_at() const { return place_.at == Position{} ? Position{1, 1} : place_.at; }
  std::string here() const { return walked_.empty() ? "the file" : in_quotes(walked_); }

  Value* member(const Step& step) {
    if (at_->kind == Value::Kind::null && !step.bracket) {
      at_->kind = Value::Kind::map;
    }
    if (at_->kind == Value::Kind::null) {
      fail(here() + " is absent, so it has no element " + in_quotes(step.name) +
           "; set it as a whole");
    }
    if (at_->kind != Value::Kind::map) fail(here() + " has no keys, it is a single value");
    const auto found = std::find_if(at_->members.begin(), at_->members.end(),
                                    [&](const auto& old) { return old.key == step.name; });
    if (found == at_->members.end()) {
      at_->members.push_back({step.name, key_at(), {}});
      at_->members.back().value.at = place_.at;
      at_->members.back().value.source = place_.source;
      member_ = &at_->members.back();
    } else {
      member_ = &*found;
    }
    return &member_->value;
  }

  Value* element(const Step& step) {
    const std::vector<std::string> labels = element_labels(*at_);
    member_ = nullptr;
    const bool number_only = step.name.find_first_not_of("0123456789") == std::string::npos;
    if (!step.bracket && !number_only) {
      fail(here() + " is a list; name one of its elements, like " + walked_ + "[0]");
    }
    const auto named = std::find(labels.begin(), labels.end(), step.name);
    if (named != labels.end()) return &at_->items[static_cast<std::size_t>(named - labels.begin())];
    std::size_t number = 0;
    const char* end = step.name.data() + step.name.size();
    const auto parsed = std::from_chars(step.name.data(), end, number);
    if (parsed.ec == std::errc{} && parsed.ptr == end && number < at_->items.size()) {
      return &at_->items[number];
    }
    if (labels.empty()) fail(here() + " is an empty list; set it as a whole");
    fail("in " + here() + ", " + unknown_name(step.name, labels));
  }

  Place place_;
  Value* at_;
  Value::Member* member_ = nullptr;  // whose value at_ is, unless that is an element or the root
  std::string walked_;
};

std::vector<Step> steps_of(const Place& place, std::string_view path) {
  std::string problem = "more than 100 steps; shorten the path";
  try {
    std::vector<Step> steps = parse_path(path);
    if (steps.size() <= most_steps) return steps;
  } catch (const std::invalid_argument& unreadable) {
    problem = unreadable.what();
  }
  throw ConfigError(Mistake{*place.source, place.at, place.path, problem});
}

}  // namespace

const Value* Value::find(std::string_view key) const {
  for (const Member& member : members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

Position place_in(const Value& scalar, std::size_t offset) {
  if (scalar.inset < 0) return scalar.at;
  const std::string_view before = std::string_view(scalar.text).substr(0, offset);
  const auto characters = std::count_if(before.begin(), before.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;  // no byte that continues one
  });
  return {scalar.at.line, scalar.at.column + static_cast<std::uint32_t>(scalar.inset) +
                              static_cast<std::uint32_t>(characters)};
}

void assign(Document& document, std::string_view path, std::string_view text) {
  const auto source = std::make_shared<const std::string>("--set " + std::string(path));
  const Place place{source, {}, ""};
  const std::vector<Step> steps = steps_of(place, path);
  Value value = parse_yaml_value(*source, text);
  Walk walk(document, place);
  for (const Step& step : steps) walk.take(step);
  walk.set(std::move(value));
}

void assign(Document& document, const Value::Member& setting, const std::string& file) {
  const std::shared_ptr<const std::string>& own = setting.value.source;
  const Place place{own ? own : std::make_shared<const std::string>(file), setting.key_at,
                    setting.key};
  Walk walk(document, place);
  for (const Step& step : steps_of(place, setting.key)) walk.take(step);
  walk.set(setting.value);
}

}  // namespace tokenyard::config
