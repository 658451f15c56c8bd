// SPDX-License-Identifier: Apache-2.0
#include "results/table_stream.hpp"

#include <utility>

#include "core/contracts.hpp"

namespace tokenyard::results {

TableStream::TableStream(Writer& writer, Background& background, std::string group,
                         std::vector<Column> columns)
    : writer_(writer),
      background_(background),
      group_(std::move(group)),
      columns_(std::move(columns)) {}

std::string TableStream::path_of(std::size_t column) const {
  return member_of(group_, columns_.at(column).name);
}

void TableStream::append(std::vector<const void*> columns) {
  SIM_EXPECT(columns.size() == columns_.size());
  streaming_ = true;
  background_.submit([this, columns = std::move(columns)] { write(columns, rows_per_chunk); });
}

void TableStream::finish(const std::vector<const void*>& columns, std::size_t rows) {
  SIM_EXPECT(columns.size() == columns_.size() && rows < rows_per_chunk);
  background_.drain();
  if (!streaming_) {
    write_whole(columns, rows);
  } else if (rows > 0) {
    write(columns, rows);
  }
}

void TableStream::write(const std::vector<const void*>& columns, std::size_t rows) {
  if (streams_.empty()) {
    for (const Column& column : columns_) {
      streams_.push_back(
          streams_.empty()
              ? writer_.stream_dimension(group_, column.name, column.type, column.info)
              : writer_.stream(member_of(group_, column.name), column.type, column.info));
    }
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    writer_.append(streams_[i], Cells(columns_[i].type, columns[i], rows));
  }
}

// Less than a chunk: the length is known, which spares most of the chunk.
void TableStream::write_whole(const std::vector<const void*>& columns, std::size_t rows) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Cells cells(columns_[i].type, columns[i], rows);
    if (i == 0) {
      writer_.dimension(group_, columns_[i].name, cells, columns_[i].info);
    } else {
      writer_.column(path_of(i), cells, columns_[i].info);
    }
  }
}

}  // namespace tokenyard::results
