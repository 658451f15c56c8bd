// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "results/background.hpp"
#include "results/cells.hpp"
#include "results/column_info.hpp"
#include "results/file.hpp"

namespace tokenyard::results {

// Writes the columns of one group in portions, in the background. The first column is the
// coordinate of the group's dimension and gives it its name.
class TableStream final {
 public:
  struct Column {
    std::string name;
    Type type;
    ColumnInfo info;
  };

  // `writer` and `background` outlive it.
  TableStream(Writer& writer, Background& background, std::string group,
              std::vector<Column> columns);
  // Waits until no buffer is read any more.
  ~TableStream() { background_.settle(); }
  TableStream(const TableStream&) = delete;
  TableStream& operator=(const TableStream&) = delete;

  // The next rows_per_chunk rows of each column. The buffers must stay as they are until
  // Background::buffers - 1 more calls have returned. Throws IoError when the disk has failed.
  void append(std::vector<const void*> columns);

  // The last rows, fewer than a chunk; once. Afterwards the buffers and the Writer are free.
  void finish(const std::vector<const void*>& columns, std::size_t rows);

  std::string path_of(std::size_t column) const;

 private:
  void write(const std::vector<const void*>& columns, std::size_t rows);
  void write_whole(const std::vector<const void*>& columns, std::size_t rows);

  Writer& writer_;
  Background& background_;
  std::string group_;
  std::vector<Column> columns_;
  std::vector<Writer::Stream> streams_;  // of the thread
  bool streaming_ = false;
};

}  // namespace tokenyard::results
