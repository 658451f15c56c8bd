// SPDX-License-Identifier: Apache-2.0
#include "results/file.hpp"

#include <hdf5.h>

#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <vector>

#include "core/contracts.hpp"
#include "results/content.hpp"

namespace tokenyard::results {

namespace {

struct Column {
  std::string group;
  Type type;
  std::string unit;
  Reference reference = 0;
  std::uint64_t rows = 0;
  ValuesHash hash = {};
  Handle dataset = {};  // open while a stream
};

Handle create_file(Disk& disk) {
  const Handle creation(H5Pcreate(H5P_FILE_CREATE), H5Pclose, "cannot create a property list");
  check(H5Pset_obj_track_times(creation.id(), false), "cannot switch dates off");
  check(H5Pset_link_creation_order(creation.id(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
        "cannot keep the order of names");
  const Handle access = disk.access();
  // The format of HDF5 1.8: its headers carry checksums, and every tool reads it.
  check(H5Pset_libver_bounds(access.id(), H5F_LIBVER_V18, H5F_LIBVER_V18), "cannot set the format");
  return {H5Fcreate("results", H5F_ACC_TRUNC, creation.id(), access.id()), H5Fclose,
          "cannot create the file"};
}

}  // namespace

void start_library() { H5open(); }

struct Writer::File {
  File(const std::string& path, Existing existing, Compression wanted)
      : target(path, existing), compression(wanted) {
    silence();
    guarded([&] { file = create_file(target.disk()); });
  }

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

  bool is_free(const std::string& path) const {
    return is_path(path) && !columns.contains(path) && !texts.contains(path) &&
           !groups.contains(path);
  }

  void need_group(const std::string& path) {
    if (path == "/" || groups.contains(path)) return;
    SIM_EXPECT(is_free(path));
    need_group(group_of(path));
    create_group(file.id(), path);
    groups.insert(path);
  }

  // Creates a column and ties it to its group's dimension, or makes it that dimension.
  Column& add(const std::string& path, const std::string& dimension, const ColumnInfo& info,
              Type type, std::optional<std::size_t> rows) {
    SIM_EXPECT(is_free(path));
    const std::string group = group_of(path);
    SIM_EXPECT(dimensions.contains(group) == dimension.empty());
    need_group(group);
    Column column{.group = group, .type = type, .unit = info.unit};
    column.dataset = rows ? create_fixed(file.id(), path, type, *rows, compression)
                          : create_growing(file.id(), path, type, compression);
    column.reference = reference_to(file.id(), path);
    if (dimension.empty()) {
      attach_to_scale(column.dataset.id(), columns.at(dimensions.at(group)).reference);
    } else {
      mark_as_scale(column.dataset.id(), dimension);
      dimensions.emplace(group, path);
    }
    describe(column.dataset.id(), type, info);
    return columns.emplace(path, std::move(column)).first->second;
  }

  void write(Column& column, const Cells& cells) {
    write_rows(column.dataset.id(), column.rows, cells);
    column.hash.add(cells);
    column.rows += cells.rows;
  }

  void add_whole(const std::string& path, const std::string& dimension, const Cells& values,
                 const ColumnInfo& info) {
    guarded([&] {
      Column& column = add(path, dimension, info, values.type, values.rows);
      write(column, values);
      column.dataset = {};
    });
  }

  Stream add_stream(const std::string& path, const std::string& dimension, const ColumnInfo& info,
                    Type type) {
    guarded([&] { streams.push_back(&add(path, dimension, info, type, std::nullopt)); });
    return Stream{static_cast<std::uint32_t>(streams.size() - 1)};
  }

  void list_columns_of_dimensions() {
    std::map<std::string, std::vector<Reference>> users;
    for (const auto& [path, column] : columns) {
      const std::string& scale = dimensions.at(column.group);
      SIM_EXPECT(column.rows == columns.at(scale).rows);
      if (path != scale) users[scale].push_back(column.reference);
    }
    for (const auto& [scale, references] : users) {
      const Handle dataset(H5Dopen2(file.id(), scale.c_str(), H5P_DEFAULT), H5Dclose,
                           "cannot open a dimension");
      list_users(dataset.id(), references);
    }
  }

  std::string digest() {
    std::map<std::string, Content> contents = texts;
    for (auto& [path, column] : columns)
      contents[path] = {std::string(results::name(column.type)), std::to_string(column.rows),
                        column.unit, column.hash.finish()};
    return digest_of(contents);
  }

  Target target;
  Compression compression;
  Handle file;
  std::set<std::string> groups;
  std::map<std::string, std::string> dimensions;  // group -> path of its scale
  std::map<std::string, Content> texts;
  std::map<std::string, Column> columns;
  std::vector<Column*> streams;
};

Writer::Writer(const std::string& path, Existing existing, Compression compression)
    : file_(std::make_unique<File>(path, existing, compression)) {}
Writer::~Writer() = default;

Writer::File& Writer::open() const {
  SIM_EXPECT(file_ != nullptr);
  return *file_;
}

Compression Writer::compression() const { return open().compression; }

void Writer::attribute(const std::string& object, const std::string& name, const Attribute& value) {
  File& file = open();
  file.guarded([&] {
    if (!file.columns.contains(object) && !file.texts.contains(object)) file.need_group(object);
    const Handle opened(H5Oopen(file.file.id(), object.c_str(), H5P_DEFAULT), H5Oclose,
                        "cannot open an object");
    write_attribute(opened.id(), name, value);
  });
}

void Writer::text(const std::string& path, const std::string& text) {
  File& file = open();
  SIM_EXPECT(file.is_free(path));
  SIM_EXPECT(text.find('\0') == std::string::npos);
  file.guarded([&] {
    file.need_group(group_of(path));
    create_text(file.file.id(), path, text);
  });
  ValuesHash hash;
  hash.add(text);
  file.texts[path] = {"utf8", "", "", hash.finish()};
}

void Writer::dimension(const std::string& group, const std::string& name, const Cells& coordinate,
                       const ColumnInfo& info) {
  open().add_whole(member_of(group, name), name, coordinate, info);
}

void Writer::dimension(const std::string& group, const std::string& name, std::size_t length) {
  std::vector<std::int64_t> numbers(length);
  std::iota(numbers.begin(), numbers.end(), 0);
  dimension(group, name, Cells(numbers));
}

void Writer::column(const std::string& path, const Cells& values, const ColumnInfo& info) {
  open().add_whole(path, "", values, info);
}

Writer::Stream Writer::stream_dimension(const std::string& group, const std::string& name,
                                        Type type, const ColumnInfo& info) {
  return open().add_stream(member_of(group, name), name, info, type);
}

Writer::Stream Writer::stream(const std::string& path, Type type, const ColumnInfo& info) {
  return open().add_stream(path, "", info, type);
}

void Writer::append(Stream stream, const Cells& values) {
  File& file = open();
  Column& column = *file.streams.at(static_cast<std::size_t>(stream));
  SIM_EXPECT(values.type == column.type && values.rows <= rows_per_chunk);
  SIM_EXPECT(column.rows % rows_per_chunk == 0);
  file.guarded([&] {
    extend(column.dataset.id(), column.rows + values.rows);
    file.write(column, values);
  });
}

void Writer::read(const std::string& path, std::uint64_t first, std::span<double> to) {
  File& file = open();
  const auto found = file.columns.find(path);
  SIM_EXPECT(found != file.columns.end() && first + to.size() <= found->second.rows);
  file.guarded([&] {
    const Handle dataset(H5Dopen2(file.file.id(), path.c_str(), H5P_DEFAULT), H5Dclose,
                         "cannot open a column");
    read_rows(dataset.id(), first, to.size(), Type::f8, to.data());
  });
}

std::string Writer::commit() {
  File& file = open();
  std::string digest;
  file.guarded([&] {
    file.list_columns_of_dimensions();
    digest = file.digest();
    const Handle root(H5Gopen2(file.file.id(), "/", H5P_DEFAULT), H5Gclose, "cannot open the root");
    write_attribute(root.id(), "format_version", format_version);
    write_attribute(root.id(), "digest", digest);
  });
  file.guarded([&] {
    for (Column* column : file.streams) column->dataset = {};
    if (!file.file.close()) throw Hdf5Error("cannot finish the file");
  });
  file.target.publish();
  file_.reset();
  return digest;
}

}  // namespace tokenyard::results
