// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "results/cells.hpp"

namespace tokenyard::results {

// What a reader is told of a column, in the CF conventions' attributes.
struct ColumnInfo {
  std::string unit = {};       // units: of the values ("s", "J", "1/s"); empty: none
  std::string long_name = {};  // what a plot writes on its axis; empty: none
  // An enumeration (u1, u2 or u4): the meaning of 0, 1, ...; white space becomes '_'.
  std::vector<std::string> flag_meanings = {};
  // _FillValue: the value of an unsigned column that stands for none.
  std::optional<std::uint64_t> missing = {};
};

// Writes the attributes to an open HDF5 dataset. Throws Hdf5Error.
void describe(std::int64_t dataset, Type type, const ColumnInfo& info);

// A user's name as one component of a path inside a file: '/', '%', control characters, blanks at
// the ends and names of dots only are written as %XX.
std::string path_component(std::string_view name);

// "/a/b": absolute, no empty component, none that is ".".
bool is_path(const std::string& path);
std::string group_of(const std::string& path);
std::string member_of(const std::string& group, const std::string& name);

}  // namespace tokenyard::results
