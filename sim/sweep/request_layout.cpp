// SPDX-License-Identifier: Apache-2.0
#include "sweep/request_layout.hpp"

#include <algorithm>
#include <sstream>

#include "core/contracts.hpp"

namespace tokenyard::sweep {
namespace {

std::string text_attribute(const results::Reader& file, const std::string& path, const char* name) {
  const auto found = file.attribute(path, name);
  const auto* text = found ? std::get_if<std::string>(&*found) : nullptr;
  return text == nullptr ? "" : *text;
}

RequestColumn column_of(const results::Reader& file, const std::string& path) {
  const results::Reader::Dataset dataset = file.dataset(path);
  SIM_EXPECT(dataset.type.has_value());
  RequestColumn column{path, path.substr(path.find_last_of('/') + 1), *dataset.type, {}};
  if (path == request_ids) column.name = "id";
  column.info.unit = dataset.unit;
  column.info.long_name = text_attribute(file, path, "long_name");
  std::istringstream meanings(text_attribute(file, path, "flag_meanings"));
  for (std::string word; meanings >> word;) column.info.flag_meanings.push_back(word);
  const auto missing = file.attribute(path, "_FillValue");
  if (missing) {
    column.info.missing = static_cast<std::uint64_t>(std::get<std::int64_t>(*missing));
  }
  return column;
}

bool are_of_one_table(const std::vector<RequestColumn>& a, const std::vector<RequestColumn>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.source == y.source && x.info.unit == y.info.unit &&
           x.is_enumeration() == y.is_enumeration() && (x.is_enumeration() || x.type == y.type) &&
           x.info.missing.has_value() == y.info.missing.has_value();
  });
}

}  // namespace

std::vector<RequestColumn> request_columns(const results::Reader& file) {
  std::vector<RequestColumn> columns;
  for (const std::string& path : file.datasets()) {
    if (results::group_of(path) == requests_group) columns.push_back(column_of(file, path));
  }
  return columns;
}

std::string difference(const std::vector<RequestColumn>& a, const std::vector<RequestColumn>& b) {
  if (!are_of_one_table(a, b)) return "columns";
  for (std::size_t i = 0; i < a.size(); ++i) {
    const results::ColumnInfo &x = a[i].info, &y = b[i].info;
    const bool same =
        a[i].type == b[i].type && x.flag_meanings == y.flag_meanings && x.missing == y.missing;
    if (!same) return "meanings of " + a[i].name;
  }
  return "";
}

bool widen(std::vector<RequestColumn>& all, const std::vector<RequestColumn>& more) {
  if (!are_of_one_table(all, more)) return false;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i].is_enumeration()) continue;
    results::ColumnInfo& info = all[i].info;
    for (const std::string& word : more[i].info.flag_meanings) {
      const bool is_new = std::find(info.flag_meanings.begin(), info.flag_meanings.end(), word) ==
                          info.flag_meanings.end();
      if (is_new) info.flag_meanings.push_back(word);
    }
    const std::size_t most = info.flag_meanings.size() - (info.missing ? 0 : 1);
    all[i].type = std::max(all[i].type, results::narrowest(most));
    if (info.missing) info.missing = results::greatest(all[i].type);
  }
  return true;
}

std::vector<std::uint64_t> recoding(const RequestColumn& from, const RequestColumn& to) {
  std::vector<std::uint64_t> codes;
  const std::vector<std::string>& words = to.info.flag_meanings;
  for (const std::string& word : from.info.flag_meanings) {
    const auto at = std::find(words.begin(), words.end(), word);
    SIM_EXPECT(at != words.end());
    codes.push_back(static_cast<std::uint64_t>(at - words.begin()));
  }
  return codes;
}

}  // namespace tokenyard::sweep
