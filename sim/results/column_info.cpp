// SPDX-License-Identifier: Apache-2.0
#include "results/column_info.hpp"

#include <cstring>

#include "core/contracts.hpp"
#include "results/attributes.hpp"

namespace tokenyard::results {

namespace {

constexpr std::string_view blanks = " \t\n\v\f\r";

std::string blank_separated(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    if (word.empty()) text += '_';
    for (const char c : word) text += blanks.find(c) == blanks.npos ? c : '_';
  }
  return text;
}

void write_flags(std::int64_t dataset, Type type, const std::vector<std::string>& meanings) {
  SIM_EXPECT(type == Type::u1 || type == Type::u2 || type == Type::u4);
  SIM_EXPECT(meanings.size() - 1 <= greatest(type));
  const std::size_t width = size_of(type);
  std::vector<unsigned char> values(meanings.size() * width);
  for (std::uint64_t i = 0; i < meanings.size(); ++i)
    std::memcpy(values.data() + i * width, &i, width);
  write_array(dataset, "flag_values", Cells(type, values.data(), meanings.size()));
  write_attribute(dataset, "flag_meanings", blank_separated(meanings));
}

}  // namespace

void describe(std::int64_t dataset, Type type, const ColumnInfo& info) {
  if (!info.unit.empty()) write_attribute(dataset, "units", info.unit);
  if (!info.long_name.empty()) write_attribute(dataset, "long_name", info.long_name);
  if (!info.flag_meanings.empty()) write_flags(dataset, type, info.flag_meanings);
  if (info.missing) write_number(dataset, "_FillValue", type, *info.missing);
}

std::string path_component(std::string_view name) {
  constexpr char digits[] = "0123456789ABCDEF";
  const bool dots = name.find_first_not_of('.') == name.npos;
  std::string text;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto byte = static_cast<unsigned char>(name[i]);
    const bool end = i == 0 || i + 1 == name.size();
    if (dots || byte < 0x20 || byte == 0x7f || byte == '/' || byte == '%' || (end && byte == ' ')) {
      text += '%';
      text += digits[byte >> 4];
      text += digits[byte & 15];
    } else {
      text += name[i];
    }
  }
  return text.empty() ? "%" : text;
}

bool is_path(const std::string& path) {
  return path.size() > 1 && path.front() == '/' && path.back() != '/' &&
         path.find("//") == path.npos && path.find('\0') == path.npos &&
         (path + '/').find("/./") == path.npos;
}

std::string group_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string member_of(const std::string& group, const std::string& name) {
  return group == "/" ? "/" + name : group + "/" + name;
}

}  // namespace tokenyard::results
