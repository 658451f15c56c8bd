// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "commands/run.hpp"

namespace tokenyard::commands {

// One figure of a run, as the table of variants shows it.
struct Cell {
  enum class Shown : char { always = 'a', if_any = 'i' };  // if_any: if it is above 0 in a variant

  std::string row;
  std::string text;
  double value = 0;  // NaN where there is no change to tell
  Shown shown = Shown::always;
};

// What is shown of one variant; without cells if it failed.
struct Column {
  std::string name;
  std::string digest;
  std::vector<Cell> cells;
};

Column column_of(const Ran& ran);

// A column on its way from a child process. Its name stays behind.
std::string packed(const Column& column);
Column unpacked(const std::string& text);

// Rows are figures, columns variants; of two also the change from the first to the second. At most
// 80 columns wide up to four variants.
std::string variant_table(const std::vector<Column>& columns);

}  // namespace tokenyard::commands
