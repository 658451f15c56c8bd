// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "results/column_info.hpp"
#include "results/reader.hpp"

namespace tokenyard::sweep {

inline constexpr auto requests_group = "/requests";
inline constexpr auto request_ids = "/requests/request";

// A column of the request tables of many files.
struct RequestColumn {
  std::string source;  // path in the point files
  std::string name;    // in the merged file
  results::Type type = results::Type::f8;
  results::ColumnInfo info;

  bool is_enumeration() const { return !info.flag_meanings.empty(); }
};

// The columns of a file's request table; `request`, the id within the run, is then called `id`.
std::vector<RequestColumn> request_columns(const results::Reader& file);

// The first way in which columns differ, in words of the name of a column; empty if they do not.
std::string difference(const std::vector<RequestColumn>& a, const std::vector<RequestColumn>& b);

// Widens `all` so that it can hold what `more` means: enumerations get the meanings they lack, in
// the order of their appearance. False if the columns have other names or units.
bool widen(std::vector<RequestColumn>& all, const std::vector<RequestColumn>& more);

// What each code of a column stands for in a wider one.
std::vector<std::uint64_t> recoding(const RequestColumn& from, const RequestColumn& to);

}  // namespace tokenyard::sweep
