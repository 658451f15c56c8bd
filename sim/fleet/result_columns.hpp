// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "results/file.hpp"

namespace tokenyard::fleet {

// A group of columns that are filled from a list of rows.
template <class Row>
class Columns {
 public:
  Columns(results::Writer& writer, std::string group, const std::vector<Row>& rows)
      : writer_(&writer), group_(std::move(group)), rows_(&rows) {}

  template <class Value>
  void add(const std::string& name, const std::string& unit, const std::string& long_name,
           Value value) {
    std::vector<double> cells;
    cells.reserve(rows_->size());
    for (const Row& row : *rows_) cells.push_back(static_cast<double>(value(row)));
    writer_->column(group_ + "/" + name, cells, {unit, long_name, {}, {}});
  }

 private:
  results::Writer* writer_;
  std::string group_;
  const std::vector<Row>* rows_;
};

// The dimension of a group whose rows have names.
void write_names(results::Writer& writer, const std::string& group, const std::string& dimension,
                 std::vector<std::string> names);

}  // namespace tokenyard::fleet
