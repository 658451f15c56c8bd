// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "core/contracts.hpp"
#include "results/row_buffer.hpp"
#include "results/table_stream.hpp"

namespace tokenyard::results {

// A table that is written row by row, of columns of these types; its dimension counts the rows.
// Memory: three chunks, touched as rows come.
template <Cell... T>
class RowTable final {
 public:
  struct Column {
    std::string name;
    ColumnInfo info;
  };

  RowTable(Writer& writer, Background& background, const std::string& group,
           const std::string& dimension, const std::array<Column, sizeof...(T)>& columns)
      : stream_(writer, background, group, listed(dimension, columns)) {}

  // Throws IoError when the disk is full.
  void add(T... values) {
    SIM_EXPECT(!finished_);
    auto& [number, cells] = buffers_[filling_];
    number[row_] = rows_++;
    put(cells, std::index_sequence_for<T...>(), values...);
    if (++row_ < rows_per_chunk) return;
    stream_.append(pointers());
    filling_ = (filling_ + 1) % buffers_.size();
    row_ = 0;
  }

  // Writes what is left: once, before Writer::commit.
  void finish() {
    SIM_EXPECT(!finished_);
    finished_ = true;
    stream_.finish(pointers(), row_);
  }

 private:
  struct Chunk {
    Buffer<std::int64_t> number;
    std::tuple<Buffer<T>...> cells;
  };

  static std::vector<TableStream::Column> listed(const std::string& dimension,
                                                 const std::array<Column, sizeof...(T)>& columns) {
    std::vector<TableStream::Column> all = {{dimension, Type::i8, {}}};
    constexpr std::array types = {type_of<T>()...};
    for (std::size_t i = 0; i < columns.size(); ++i) {
      all.push_back({columns[i].name, types[i], columns[i].info});
    }
    return all;
  }

  template <std::size_t... I>
  void put(std::tuple<Buffer<T>...>& cells, std::index_sequence<I...>, T... values) {
    ((std::get<I>(cells)[row_] = values), ...);
  }

  std::vector<const void*> pointers() const {
    const Chunk& chunk = buffers_[filling_];
    std::vector<const void*> all = {chunk.number.data()};
    std::apply([&all](const auto&... cells) { (all.push_back(cells.data()), ...); }, chunk.cells);
    return all;
  }

  std::array<Chunk, Background::buffers> buffers_;
  std::size_t filling_ = 0;
  std::size_t row_ = 0;
  std::int64_t rows_ = 0;
  bool finished_ = false;
  TableStream stream_;  // the last: it goes first, and waits for the buffers
};

}  // namespace tokenyard::results
