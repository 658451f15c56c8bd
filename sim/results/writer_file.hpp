// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "results/content.hpp"
#include "results/file.hpp"

namespace tokenyard::results {

// What a Writer holds: the open file, and what its digest and its dimensions need to know of it.
struct Writer::File {
  struct Column {
    std::string group;
    Type type;
    std::string unit;
    Shape shape;  // of a stream: empty
    Reference reference = 0;
    std::uint64_t rows = 0;  // values written
    bool is_virtual = false;
    ValuesHash hash = {};
    Handle dataset = {};  // open while a stream

    std::string shape_text() const;
  };
  struct Dimensions {
    std::vector<std::string> scales;  // their paths
    bool used = false;                // by a column
  };

  File(const std::string& path, Existing existing, Compression wanted);

  // Runs HDF5 calls; their failure, or the disk's behind their back, becomes an IoError.
  template <class Calls>
  void guarded(Calls&& calls) {
    target.check_disk();
    try {
      calls();
    } catch (const Hdf5Error& error) {
      target.check_disk();
      throw IoError(target.path() + ": " + error.what());
    }
    target.check_disk();
  }

  bool is_free(const std::string& path) const;
  void need_group(const std::string& path);

  void add_scale(const std::string& path, const std::string& dimension, const Cells& coordinate,
                 const ColumnInfo& info);
  void add_whole(const std::string& path, const Cells& values, const ColumnInfo& info);
  void add_virtual(const std::string& path, Type type, std::span<const VirtualPart> parts,
                   const ColumnInfo& info);
  // With a name for the dimension, the column is its scale.
  Stream add_stream(const std::string& path, const std::string& dimension, const ColumnInfo& info,
                    Type type);
  void append(Column& column, const Cells& cells);

  void finish_dimensions();
  std::string digest();

  Target target;
  Compression compression;
  Handle file;
  std::set<std::string> groups;
  std::map<std::string, Dimensions> dimensions;  // by group
  std::map<std::string, Content> texts;
  std::map<std::string, Column> columns;
  std::vector<Column*> streams;

 private:
  Column& add(const std::string& path, Column column, const ColumnInfo& info);
  void make_scale(const std::string& path, const Column& column, const std::string& dimension);
  void attach(const Column& column);
  Shape shape_of(const std::string& group, std::size_t values) const;
};

}  // namespace tokenyard::results
