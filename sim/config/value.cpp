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

// Walks a document along a path, making the maps that are missing.
class Walk {
 public:
  Walk(Document& document, std::shared_ptr<const std::string> source)
      : source_(std::move(source)), at_(&document.root) {}

  void take(const Step& step) {
    at_ = at_->kind == Value::Kind::list ? element(step) : member(step);
    walked_ = step.bracket ? element_path(walked_, step.name) : member_path(walked_, step.name);
  }

  void set(Value value) {
    *at_ = std::move(value);
    at_->source = source_;
    if (member_ != nullptr) member_->key_at = {1, 1};
  }

 private:
  [[noreturn]] void fail(const std::string& text) const {
    throw ConfigError(Mistake{*source_, {}, "", text});
  }
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
      at_->members.push_back({step.name, {1, 1}, {}});
      at_->members.back().value.source = source_;
      member_ = &at_->members.back();
    } else {
      member_ = &*found;
    }
    return &member_->value;
  }

  Value* element(const Step& step) {
    const std::vector<std::string> labels = element_labels(*at_);
    member_ = nullptr;
    if (!step.bracket) {
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

  std::shared_ptr<const std::string> source_;
  Value* at_;
  Value::Member* member_ = nullptr;  // whose value at_ is, unless that is an element or the root
  std::string walked_;
};

std::vector<Step> steps_of(const std::string& source, std::string_view path) {
  try {
    std::vector<Step> steps = parse_path(path);
    if (steps.size() <= most_steps) return steps;
  } catch (const std::invalid_argument& problem) {
    throw ConfigError(Mistake{source, {}, "", problem.what()});
  }
  throw ConfigError(Mistake{source, {}, "", "more than 100 steps; shorten the path"});
}

}  // namespace

const Value* Value::find(std::string_view key) const {
  for (const Member& member : members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

void assign(Document& document, std::string_view path, std::string_view text) {
  const auto source = std::make_shared<const std::string>("--set " + std::string(path));
  const std::vector<Step> steps = steps_of(*source, path);
  Value value = parse_yaml_value(*source, text);
  Walk walk(document, source);
  for (const Step& step : steps) walk.take(step);
  walk.set(std::move(value));
}

}  // namespace tokenyard::config
