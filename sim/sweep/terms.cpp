// SPDX-License-Identifier: Apache-2.0
#include "sweep/terms.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

#include "sweep/study.hpp"

namespace tokenyard::sweep {
namespace {

using config::Value;

const Value* setting(const Level& level, const std::string& key) {
  for (const Value::Member& member : level.settings) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

// The kind that all values of a key have; what is wrong if they have none in common.
Name name_of(const std::string& key, const std::vector<const Value*>& values) {
  Name name{key, {}, {}, true};
  for (const Value* value : values) {
    const auto found = typed(*value);
    if (!found) {
      name.problem = "has values that are lists or maps; compare something else";
      return name;
    }
    if (value == values.front()) name.kind = found->kind;
    if (found->kind == name.kind) continue;
    name.problem = "has values of several kinds; compare something else";
    return name;
  }
  return name;
}

std::vector<const Value*> values_of(const Axis& axis, const std::string& key) {
  std::vector<const Value*> values;
  for (const Level& level : axis.levels) {
    const Value* value = setting(level, key);
    if (value == nullptr) return {};
    values.push_back(value);
  }
  return values;
}

// The bytes of a path that stands at the beginning: letters, digits, dots, brackets with all in
// them.
std::size_t path_length(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size()) {
    const char c = text[end];
    const bool inside = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '_' || c == '.';
    if (c == '[' && text.find(']', end) != std::string_view::npos)
      end = text.find(']', end);
    else if (!inside)
      break;
    ++end;
  }
  return end;
}

// A metric is a whole path: `replicas` is none in fleet.pools[chat].replicas.
std::vector<std::string> paths_of(std::string_view text) {
  std::vector<std::string> paths;
  while (!text.empty()) {
    const std::size_t length = path_length(text);
    if (length > 0) paths.emplace_back(text.substr(0, length));
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return paths;
}

bool is_among(const std::vector<Name>& names, const std::string& word) {
  return std::any_of(names.begin(), names.end(),
                     [&word](const Name& name) { return name.name == word; });
}

}  // namespace

std::vector<Name> terms_of(const std::vector<Axis>& axes, std::vector<Term>& terms) {
  std::vector<Name> names;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const Axis& axis = axes[i];
    if (axis.of_variants) {
      names.push_back({axis.name, {Kind::Type::text, {}, false}, {}, true});
      terms.push_back({i, ""});
    }
    std::set<std::string> keys;
    if (axis.range) keys.insert(axis.name);
    for (const Level& level : axis.levels) {
      for (const Value::Member& member : level.settings) keys.insert(member.key);
    }
    for (const std::string& key : keys) {
      std::vector<const Value*> values = values_of(axis, key);
      Level end;
      if (axis.range) {
        end = axis.range->at(0.5);
        values = {&end.settings.front().value};
      }
      if (values.empty() || is_among(names, key)) continue;
      names.push_back(name_of(key, values));
      terms.push_back({i, key});
    }
  }
  return names;
}

Operand operand_of(const Term& term, const Axis& axis, const Level& level) {
  if (axis.of_variants && term.key.empty()) return {0, level.label};
  const Value* value = setting(level, term.key);
  const auto found = value == nullptr ? std::nullopt : typed(*value);
  return found ? found->operand : Operand{};
}

void add_metrics_as_problems(std::vector<Name>& names) {
  const auto add = [&names](const Metric& metric) {
    if (is_among(names, metric.name)) return;
    names.push_back({metric.name, {}, "is known only after a run; write it in `feasible`", false});
  };
  for (const Metric& metric : metrics()) add(metric);
  for (const Metric& metric : goal_metrics()) add(metric);
}

void add_metrics(const std::string& text, std::vector<MetricName>& used, std::vector<Name>& names) {
  const auto add = [&names](const MetricName& name) {
    names.push_back({name.text(), kind_of_unit(name.metric->unit), {}, true});
  };
  for (const MetricName& name : used) add(name);
  std::vector<Name> problems;
  for (const std::string& word : paths_of(text)) {
    if (is_among(names, word)) continue;
    try {
      const MetricName name = metric_name(word);
      used.push_back(name);
      add(name);
    } catch (const std::invalid_argument& problem) {
      std::string said = problem.what();
      const std::string word_first = config::in_quotes(word) + " ";
      if (said.starts_with(word_first)) said = said.substr(word_first.size());
      const bool is_metric = said.starts_with("goes by ");
      if (is_metric) problems.push_back({word, {}, said, true});
    }
  }
  names.insert(names.end(), problems.begin(), problems.end());
  for (const Metric& metric : metrics()) {  // for what was meant
    if (metric.of == MetricOf::run && !is_among(names, metric.name)) {
      names.push_back({metric.name, {}, "is not expected here", true});
    }
  }
}

}  // namespace tokenyard::sweep
