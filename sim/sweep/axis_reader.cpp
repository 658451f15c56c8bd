// SPDX-License-Identifier: Apache-2.0
#include <glob.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <stdexcept>

#include "config/kinds.hpp"
#include "config/numbers.hpp"
#include "config/paths.hpp"
#include "fleet/scenario.hpp"
#include "sweep/axis.hpp"
#include "sweep/keys.hpp"

namespace tokenyard::sweep {
namespace {

using config::Section;
using config::Value;
namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> forms = {"from", "files", "variants",
                                                   "scenario_variants"};

// Reads one axis of the map.
class AxisReader {
 public:
  AxisReader(Section& axes, const Value::Member& written, const AxisReading& about,
             config::Reading& reading)
      : axes_(axes), written_(written), about_(about), reading_(reading) {
    axis_.name = written.key;
    axis_.at = written.key_at;
  }

  std::optional<Axis> read() {
    const std::size_t before = reading_.mistakes.size();
    if (written_.value.kind == Value::Kind::list) {
      axes_.skip(written_.key);
      refuse_key();
      read_list();
    } else if (written_.value.kind == Value::Kind::map) {
      read_map();
    } else {
      axes_.skip(written_.key);
      note(written_.value,
           config::found_text(written_.value) +
               " where an axis is wanted; write a list of values, or {from, to, steps}");
    }
    if (reading_.mistakes.size() > before) return {};
    return axis_;
  }

 private:
  void note(const Value& at, std::string text) const {
    reading_.mistakes.add(
        {axes_.file(), at.at, config::member_path("axes", written_.key), std::move(text)});
  }
  void note_key(std::string text) const {
    reading_.mistakes.add({axes_.file(), written_.key_at, config::member_path("axes", written_.key),
                           std::move(text)});
  }

  void refuse_key() const {
    const std::string problem = problem_of_key(written_.key, "this axis");
    if (!problem.empty()) note_key(problem);
  }

  Value::Member setting(Value value) const {
    return {written_.key, written_.key_at, std::move(value)};
  }

  void add(Level level, const Value& at) {
    const bool twice = std::any_of(axis_.levels.begin(), axis_.levels.end(),
                                   [&](const Level& old) { return old.label == level.label; });
    if (twice) return note(at, config::in_quotes(level.label) + " is there twice; remove one");
    axis_.levels.push_back(std::move(level));
  }

  void read_list() {
    const std::vector<Value>& items = written_.value.items;
    if (items.empty()) note(written_.value, "an axis without values; write at least one");
    for (const Value& item : items) {
      if (item.kind == Value::Kind::null) {
        note(item, "nothing where a value is wanted; write one");
        continue;
      }
      const std::string label =
          item.is_scalar() ? item.text : "no. " + std::to_string(axis_.levels.size() + 1);
      add({label, {setting(item)}}, item);
    }
  }

  void read_map() {
    Section section = axes_.child(written_.key);
    std::vector<std::string_view> given;
    for (const std::string_view form : forms) {
      if (section.has(form)) given.push_back(form);
    }
    if (given.size() != 1) {
      for (const auto& member : written_.value.members) section.skip(member.key);
      note(written_.value, given.empty()
                               ? "is no axis; write a list of values, or one of {from, to, steps}, "
                                 "{files}, {variants}, {scenario_variants}"
                               : "has both '" + std::string(given[0]) + "' and '" +
                                     std::string(given[1]) + "'; keep one of the two");
      return;
    }
    if (given[0] == "from") read_range(section);
    if (given[0] == "files") read_files(section);
    if (given[0] == "variants") read_variants(section);
    if (given[0] == "scenario_variants") read_scenario_variants(section);
    section.finish();
  }

  std::optional<Measured> end(Section& section, std::string_view key) const {
    section.skip(key);
    const Value* value = written_.value.find(key);
    if (value == nullptr || value->kind == Value::Kind::null) {
      section.mistake(key, config::missing_key());
      return {};
    }
    auto found = measured(*value);
    if (!found) {
      section.mistake(key, config::found_text(*value) +
                               " is no number; write it like 5 or '10 ms', or list the values");
    }
    return found;
  }

  void read_range(Section& section) {
    refuse_key();
    Range range;
    const auto from = end(section, "from"), to = end(section, "to");
    range.spacing = static_cast<Spacing>(section.choice("spacing", spacing_names, 0));
    range.whole = section.optional<bool>("whole", false);
    // Steps may stand in a sampled design, which has no use for them.
    range.steps = about_.sampled && !section.has("steps")
                      ? 2
                      : section.required<std::int64_t>("steps", {2, 1e6});
    if (!from || !to) return;
    range.from = from->number;
    range.to = to->number;
    range.unit = from->unit;
    range.first = written_.value.find("from")->text;
    range.last = written_.value.find("to")->text;
    Value place;
    place.at = written_.value.at;
    range.key = setting(std::move(place));
    check(range, to->unit, section);
    axis_.range = std::move(range);
  }

  static void check(const Range& range, const std::string& unit_of_to, Section& section) {
    const std::string problem = problem_of_unit(range.unit, unit_of_to);
    if (!problem.empty()) {
      section.mistake("to", problem);
    } else if (range.from >= range.to) {
      section.mistake("to", "is not above 'from'; exchange them, or list the one value");
    } else if (range.spacing == Spacing::log && range.from <= 0) {
      section.mistake("from", "is not above 0, where log spacing has no ratios; begin above 0");
    } else if (range.whole &&
               (range.from != std::floor(range.from) || range.to != std::floor(range.to))) {
      section.mistake("whole", "needs whole ends; write 'from' and 'to' so");
    }
  }

  // The files that a pattern stands for, as the scenario would name them.
  void read_files(Section& section) {
    refuse_key();
    section.skip("files");
    const Value& written = *written_.value.find("files");
    const std::vector<Value> single{written};
    const std::vector<Value>& patterns = written.kind == Value::Kind::list ? written.items : single;
    for (const Value& pattern : patterns) {
      if (!pattern.is_scalar() || pattern.text.empty()) {
        note(pattern, config::found_text(pattern) +
                          " where a file or a pattern is wanted; write it like traces/*.csv.gz");
        continue;
      }
      const std::vector<std::string> found =
          matching(fleet::beside(about_.study->file, pattern.text));
      if (found.empty()) {
        note(pattern, "no file is " + config::in_quotes(pattern.text) +
                          " beside the study; correct the path");
      }
      for (const std::string& path : found) add_file(path, pattern);
    }
    if (patterns.empty()) note(written, "an axis without values; write at least one");
  }

  static std::vector<std::string> matching(const std::string& pattern) {
    std::vector<std::string> paths;
    ::glob_t found{};
    if (::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found) == 0) {
      paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    }
    ::globfree(&found);
    std::sort(paths.begin(), paths.end());  // not by locale
    return paths;
  }

  void add_file(const std::string& path, const Value& pattern) {
    const fs::path folder = fs::absolute(about_.scenario->file).lexically_normal().parent_path();
    const fs::path absolute = fs::absolute(path).lexically_normal();
    Value value;
    value.kind = Value::Kind::string;
    value.at = pattern.at;
    value.text = absolute.lexically_relative(folder).string();
    add({fs::path(path).filename().string(), {setting(value)}}, pattern);
  }

  void read_variants(Section& section) {
    axis_.of_variants = true;
    for (const fleet::Variant& variant :
         fleet::read_variants(section, *written_.value.find("variants"), reading_)) {
      axis_.levels.push_back({variant.name, variant.settings});
    }
  }

  void read_scenario_variants(Section& section) {
    axis_.of_variants = true;
    const Value& written = *written_.value.find("scenario_variants");
    if (about_.variants->empty()) {
      section.skip("scenario_variants");
      return note(written, "the scenario lists no variants; write some here as `variants`");
    }
    std::vector<std::string> names;
    for (const fleet::Variant& variant : *about_.variants) names.push_back(variant.name);
    if (written.kind == Value::Kind::list) {
      const std::vector<std::string> known = std::move(names);
      names = section.strings("scenario_variants", Section::Numbers::as_written);
      for (std::size_t i = 0; i < names.size(); ++i) {
        if (std::find(known.begin(), known.end(), names[i]) != known.end()) continue;
        note(written.items[i], config::unknown_name(names[i], known));
      }
    } else {
      section.skip("scenario_variants");
      if (written.text != "all") {
        return note(written, config::found_text(written) +
                                 " where variants are named; write all, or list their names");
      }
    }
    for (const std::string& name : names) add_variant(name, written);
  }

  void add_variant(const std::string& name, const Value& written) {
    for (const fleet::Variant& variant : *about_.variants) {
      if (variant.name != name) continue;
      Level level{name, variant.settings};
      for (Value::Member& member : level.settings) {
        if (member.value.source) continue;
        member.value.source = std::make_shared<const std::string>(variant.file);
      }
      add(std::move(level), written);
    }
  }

  Section& axes_;
  const Value::Member& written_;
  const AxisReading& about_;
  config::Reading& reading_;
  Axis axis_;
};

void refuse_shared_keys(const std::vector<Axis>& axes, const AxisReading& about,
                        config::Reading& reading) {
  std::map<std::string, const Axis*> owners;
  for (const Axis& axis : axes) {
    std::vector<std::string> keys;
    for (const Level& level : axis.levels) {
      for (const auto& setting : level.settings) keys.push_back(setting.key);
    }
    if (axis.range) keys.push_back(axis.range->key.key);
    for (const std::string& key : keys) {
      const Axis* owner = owners.emplace(canonical_key(*about.scenario, key), &axis).first->second;
      if (owner == &axis) continue;
      reading.mistakes.add({about.study->file, axis.at, config::member_path("axes", axis.name),
                            "sets " + config::in_quotes(key) + ", which the axis " +
                                config::in_quotes(owner->name) + " sets; leave it to one of them"});
      break;
    }
  }
}

}  // namespace

std::vector<Axis> read_axes(Section section, const AxisReading& about, config::Reading& reading) {
  std::vector<Axis> axes;
  const Value* written = about.study->root.find("axes");
  if (written == nullptr || written->kind != Value::Kind::map) return axes;
  if (written->members.empty()) section.mistake("", "there are none; name at least one key");
  for (const Value::Member& member : written->members) {
    if (auto axis = AxisReader(section, member, about, reading).read()) {
      if (axis->range && !about.sampled) axis->levels = axis->range->levels();
      axes.push_back(*std::move(axis));
    }
  }
  refuse_shared_keys(axes, about, reading);
  return axes;
}

}  // namespace tokenyard::sweep
