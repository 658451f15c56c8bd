// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "results/attributes.hpp"
#include "results/cells.hpp"
#include "results/column_info.hpp"
#include "results/dataset.hpp"
#include "results/target.hpp"

namespace tokenyard::results {

inline constexpr std::int64_t format_version = 1;

// Does what HDF5 does when it is first used: a process that forks others does it for all.
void start_library();

// Writes one result file. Paths inside it are absolute ("/pools/chat/power_w"); missing groups are
// created. A group's columns share its dimensions, which come first: one, mostly. All methods throw
// IoError once the disk has failed; after that, and after commit, only destroy the Writer. Not for
// several threads at once.
class Writer final {
 public:
  enum class Stream : std::uint32_t {};

  // Checks that the file can be written, before anything is simulated; see Target for the errors.
  Writer(const std::string& path, Existing existing, Compression compression = Compression::gzip);
  // Without commit(), leaves no trace.
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  Compression compression() const;

  // `object`: a group ("/" is the root) or a dataset. A name is given once.
  void attribute(const std::string& object, const std::string& name, const Attribute& value);
  // A scalar UTF-8 string; no NUL inside.
  void text(const std::string& path, const std::string& text);

  // The dimension of a group, with its coordinate: by default 0, 1, ..., length - 1. A group may
  // have several; each comes before the columns.
  void dimension(const std::string& group, const std::string& name, const Cells& coordinate,
                 const ColumnInfo& info = {});
  void dimension(const std::string& group, const std::string& name, std::size_t length);
  // A column, as long as its group's dimension; with several, an array of them in their order,
  // the last of which changes fastest.
  void column(const std::string& path, const Cells& values, const ColumnInfo& info = {});
  // A column that HDF5 puts together from those of other files whenever it is read. Its values are
  // no part of the digest.
  void virtual_column(const std::string& path, Type type, std::span<const VirtualPart> parts,
                      const ColumnInfo& info = {});

  // Columns that are written in portions, of one dimension; all must be equally long at commit().
  Stream stream_dimension(const std::string& group, const std::string& name, Type type,
                          const ColumnInfo& info = {});
  Stream stream(const std::string& path, Type type, const ColumnInfo& info = {});
  // The next rows: rows_per_chunk of them, or fewer, once, at the end.
  void append(Stream stream, const Cells& values);

  // Reads rows [first, first + to.size()) of a column back as doubles.
  void read(const std::string& path, std::uint64_t first, std::span<double> to);

  // Adds the root attributes format_version and digest (of what was handed over, see digest.hpp),
  // seals the file (seal.hpp), brings it to the disk under its name, and returns the digest.
  std::string commit();

 private:
  struct File;
  File& open() const;

  std::unique_ptr<File> file_;
};

}  // namespace tokenyard::results
