// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "config/json_text.hpp"
#include "config/kinds.hpp"
#include "config/paths.hpp"
#include "config/scalars.hpp"
#include "config/section.hpp"

namespace tokenyard::config {
namespace {

std::string json_strings(const std::vector<std::string>& words) {
  std::vector<std::string> items;
  for (const std::string& word : words) items.push_back(json_string(word));
  return json_list(items);
}

std::string json_numbers(const std::vector<double>& numbers) {
  std::vector<std::string> items;
  for (const double number : numbers) items.push_back(json_number(number));
  return json_list(items);
}

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

const std::string* file_of(const Value& value, const std::string* parents) {
  return value.source ? value.source.get() : parents;
}

}  // namespace

const Value* Section::take_list(std::string_view key) {
  const Value* value = take(key);
  if (value == nullptr || value->kind == Value::Kind::list) return value;
  note(spot(*value, key), wrong_type(*value, {"array"}));
  return nullptr;
}

std::vector<Section> Section::children(std::string_view key, std::size_t least) {
  const Value* list = take_list(key);
  if (list == nullptr) {
    if (least > 0 && !has(key)) missing(key);
    return {};
  }
  if (list->items.size() < least) mistake(key, too_few(list->items.size(), least));
  const Spot here = spot(*list, key);
  const std::vector<std::string> labels = element_labels(*list);
  record(key, json_strings(labels), "", Resolved::Origin::given);
  std::vector<Section> sections;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const Value& item = list->items[i];
    sections.push_back(
        map_at({item, element_path(here.path, labels[i]), file_of(item, here.file)}));
  }
  return sections;
}

std::vector<std::pair<std::string, Section>> Section::entries(std::string_view key) {
  const Section map = child(key);
  std::vector<std::pair<std::string, Section>> sections;
  for (const Value::Member* member : map.sorted_) {
    const bool empty = member->value.kind == Value::Kind::null;
    sections.emplace_back(member->key, empty
                                           ? map.stand_in(map.path_of(member->key), member->key_at)
                                           : map.map_at(map.spot(member->value, member->key)));
  }
  if (has(key)) record(key, json_strings(map.names()), "", Resolved::Origin::given);
  return sections;
}

std::vector<double> Section::numbers_of(const Spot& list, Limits limits) {
  std::vector<double> numbers;
  for (const Value& item : list.value.items) {
    double number = 0;
    std::string problem = parse_scalar(item, number);
    if (problem.empty()) problem = beyond_limits(number, found_text(item), limits, "");
    if (problem.empty()) {
      numbers.push_back(number);
      continue;
    }
    const auto index = static_cast<std::size_t>(&item - list.value.items.data());
    note({item, element_path(list.path, std::to_string(index)), file_of(item, list.file)}, problem);
  }
  return numbers;
}

std::vector<double> Section::numbers(std::string_view key, Limits limits) {
  const Value* list = take_list(key);
  if (list == nullptr) return {};
  std::vector<double> numbers = numbers_of(spot(*list, key), limits);
  record(key, json_numbers(numbers), "", Resolved::Origin::given);
  return numbers;
}

std::vector<std::vector<double>> Section::table(std::string_view key, std::size_t width) {
  const Value* list = take_list(key);
  if (list == nullptr) return {};
  const Spot here = spot(*list, key);
  std::vector<std::vector<double>> rows;
  std::vector<std::string> json;
  for (const Value& item : list->items) {
    const Spot row{item, element_path(here.path, std::to_string(rows.size())),
                   file_of(item, here.file)};
    rows.emplace_back(width, 0.0);
    if (item.kind != Value::Kind::list) {
      note(row, wrong_type(item, {"array"}));
    } else if (item.items.size() != width) {
      note(row, counted(item.items.size(), "number") + " where " + std::to_string(width) +
                    " must be; write " + std::to_string(width));
    } else {
      std::vector<double> numbers = numbers_of(row, any_value);
      numbers.resize(width);
      rows.back() = std::move(numbers);
    }
    json.push_back(json_numbers(rows.back()));
  }
  record(key, json_list(json), "", Resolved::Origin::given);
  return rows;
}

std::vector<std::string> Section::strings(std::string_view key, Numbers numbers) {
  const Value* list = take_list(key);
  if (list == nullptr) return {};
  const Spot here = spot(*list, key);
  std::vector<std::string> words;
  for (const Value& item : list->items) {
    const bool number = item.kind == Value::Kind::number && numbers == Numbers::as_written;
    if (item.kind == Value::Kind::string || number) {
      words.push_back(item.text);
      continue;
    }
    const auto index = static_cast<std::size_t>(&item - list->items.data());
    note({item, element_path(here.path, std::to_string(index)), file_of(item, here.file)},
         wrong_type(item, {"string"}));
  }
  record(key, json_strings(words), "", Resolved::Origin::given);
  return words;
}

}  // namespace tokenyard::config
