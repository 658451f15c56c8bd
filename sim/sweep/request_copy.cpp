// SPDX-License-Identifier: Apache-2.0
#include "sweep/request_copy.hpp"

#include <algorithm>
#include <cstring>

#include "config/errors.hpp"
#include "core/contracts.hpp"

namespace tokenyard::sweep {
namespace {

using results::rows_per_chunk;

std::uint64_t code_at(const std::byte* from, std::size_t bytes) {
  std::uint64_t code = 0;  // little-endian, as the file and this machine
  std::memcpy(&code, from, bytes);
  return code;
}

// Rows of one column that wait to be written, in its type in the merged file.
class ColumnCopy {
 public:
  ColumnCopy(results::Writer& writer, const RequestColumn& column)
      : writer_(writer),
        column_(column),
        stream_(writer.stream(results::member_of(requests_group, column.name), column.type,
                              column.info)),
        bytes_(results::size_of(column.type)),
        rows_(rows_per_chunk * bytes_) {}

  // Reads rows of a file behind those that wait.
  void read(const results::Reader& file, const RequestColumn& own, std::uint64_t first,
            std::size_t rows) {
    std::byte* to = rows_.data() + waiting_ * bytes_;
    waiting_ += rows;
    SIM_EXPECT(waiting_ <= rows_per_chunk);
    if (!column_.is_enumeration()) return file.read(own.source, first, rows, to);
    codes_.resize(rows * results::size_of(own.type));
    file.read(own.source, first, rows, codes_.data());
    recode(file, own, rows, to);
  }

  void flush() {
    writer_.append(stream_, results::Cells(column_.type, rows_.data(), waiting_));
    waiting_ = 0;
  }

 private:
  void recode(const results::Reader& file, const RequestColumn& own, std::size_t rows,
              std::byte* to) const {
    const std::vector<std::uint64_t> meant = recoding(own, column_);
    const std::size_t width = results::size_of(own.type);
    for (std::size_t i = 0; i < rows; ++i) {
      const std::uint64_t code = code_at(codes_.data() + i * width, width);
      const bool is_missing = own.info.missing && code == *own.info.missing;
      if (!is_missing && code >= meant.size()) {
        throw config::ConfigError(config::Mistake{
            file.path(), {}, own.source, "has a code without a meaning; run this point again"});
      }
      const std::uint64_t written = is_missing ? *column_.info.missing : meant[code];
      std::memcpy(to + i * bytes_, &written, bytes_);
    }
  }

  results::Writer& writer_;
  const RequestColumn& column_;
  results::Writer::Stream stream_;
  std::size_t bytes_;  // of a row
  std::vector<std::byte> rows_;
  std::vector<std::byte> codes_;  // as in the point file
  std::size_t waiting_ = 0;
};

}  // namespace

void copy_requests(results::Writer& writer, const std::vector<RequestPart>& parts,
                   const std::vector<RequestColumn>& columns) {
  std::vector<ColumnCopy> copies;
  for (const RequestColumn& column : columns) copies.emplace_back(writer, column);
  std::size_t waiting = 0;
  const auto flush = [&] {
    for (ColumnCopy& copy : copies) copy.flush();
    waiting = 0;
  };
  for (const RequestPart& part : parts) {
    const results::Reader file(part.file);
    const std::vector<RequestColumn> own = request_columns(file);
    SIM_EXPECT(own.size() == columns.size());
    for (std::uint64_t first = 0; first < part.rows;) {
      const auto rows = static_cast<std::size_t>(
          std::min<std::uint64_t>(part.rows - first, rows_per_chunk - waiting));
      for (std::size_t i = 0; i < copies.size(); ++i) copies[i].read(file, own[i], first, rows);
      first += rows;
      waiting += rows;
      if (waiting == rows_per_chunk) flush();
    }
  }
  if (waiting > 0) flush();
}

}  // namespace tokenyard::sweep
