// SPDX-License-Identifier: Apache-2.0
#include "results/writer_file.hpp"

#include <hdf5.h>

#include <algorithm>
#include <utility>

#include "core/contracts.hpp"

namespace tokenyard::results {
namespace {

Handle create_file(Disk& disk) {
  const Handle creation(H5Pcreate(H5P_FILE_CREATE), H5Pclose, "cannot create a property list");
  check(H5Pset_obj_track_times(creation.id(), false), "cannot switch dates off");
  check(H5Pset_link_creation_order(creation.id(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
        "cannot keep the order of names");
  const Handle access = disk.access();
  // The format of HDF5 1.8: its headers carry checksums, and every tool reads it. Only virtual
  // columns need a later one.
  check(H5Pset_libver_bounds(access.id(), H5F_LIBVER_V18, H5F_LIBVER_LATEST),
        "cannot set the format");
  return {H5Fcreate("results", H5F_ACC_TRUNC, creation.id(), access.id()), H5Fclose,
          "cannot create the file"};
}

}  // namespace

std::string Writer::File::Column::shape_text() const {
  if (is_virtual) return "";
  return text_of(shape.size() > 1 ? shape : Shape{rows});
}

Writer::File::File(const std::string& path, Existing existing, Compression wanted)
    : target(path, existing), compression(wanted) {
  silence();
  guarded([&] { file = create_file(target.disk()); });
}

bool Writer::File::is_free(const std::string& path) const {
  return is_path(path) && !columns.contains(path) && !texts.contains(path) &&
         !groups.contains(path);
}

void Writer::File::need_group(const std::string& path) {
  if (path == "/" || groups.contains(path)) return;
  SIM_EXPECT(is_free(path));
  need_group(group_of(path));
  create_group(file.id(), path);
  groups.insert(path);
}

// Takes over a column whose dataset was made.
Writer::File::Column& Writer::File::add(const std::string& path, Column column,
                                        const ColumnInfo& info) {
  column.unit = info.unit;
  column.reference = reference_to(file.id(), path);
  return columns.emplace(path, std::move(column)).first->second;
}

void Writer::File::make_scale(const std::string& path, const Column& column,
                              const std::string& dimension) {
  mark_as_scale(column.dataset.id(), dimension);
  Dimensions& of_group = dimensions[column.group];
  SIM_EXPECT(!of_group.used);
  of_group.scales.push_back(path);
}

void Writer::File::attach(const Column& column) {
  Dimensions& of_group = dimensions.at(column.group);
  of_group.used = true;
  std::vector<Reference> scales;
  for (const std::string& scale : of_group.scales) scales.push_back(columns.at(scale).reference);
  attach_to_scales(column.dataset.id(), scales);
}

// Of a column of all dimensions of its group. That its length is right where there is one, is
// checked at the end: the dimension may still be growing.
Shape Writer::File::shape_of(const std::string& group, std::size_t values) const {
  SIM_EXPECT(dimensions.contains(group));
  const std::vector<std::string>& scales = dimensions.at(group).scales;
  if (scales.size() == 1) return {values};
  Shape shape;
  for (const std::string& scale : scales) shape.push_back(columns.at(scale).rows);
  SIM_EXPECT(values_in(shape) == values);
  return shape;
}

void Writer::File::add_scale(const std::string& path, const std::string& dimension,
                             const Cells& coordinate, const ColumnInfo& info) {
  SIM_EXPECT(is_free(path));
  guarded([&] {
    const std::string group = group_of(path);
    need_group(group);
    const Shape shape{coordinate.rows};
    Column& column =
        add(path,
            {.group = group,
             .type = coordinate.type,
             .unit = {},
             .shape = shape,
             .dataset = create_fixed(file.id(), path, coordinate.type, shape, compression)},
            info);
    make_scale(path, column, dimension);
    describe(column.dataset.id(), column.type, info);
    append(column, coordinate);
    column.dataset = {};
  });
}

void Writer::File::add_whole(const std::string& path, const Cells& values, const ColumnInfo& info) {
  SIM_EXPECT(is_free(path));
  const std::string group = group_of(path);
  const Shape shape = shape_of(group, values.rows);
  guarded([&] {
    Column& column =
        add(path,
            {.group = group,
             .type = values.type,
             .unit = {},
             .shape = shape,
             .dataset = create_fixed(file.id(), path, values.type, shape, compression)},
            info);
    attach(column);
    describe(column.dataset.id(), column.type, info);
    write_whole(column.dataset.id(), values);
    column.hash.add(values);
    column.rows = values.rows;
    column.dataset = {};
  });
}

void Writer::File::add_virtual(const std::string& path, Type type,
                               std::span<const VirtualPart> parts, const ColumnInfo& info) {
  SIM_EXPECT(is_free(path));
  const std::string group = group_of(path);
  SIM_EXPECT(dimensions.contains(group) && dimensions.at(group).scales.size() == 1);
  guarded([&] {
    Column& column = add(path,
                         {.group = group,
                          .type = type,
                          .unit = {},
                          .shape = {},
                          .is_virtual = true,
                          .dataset = create_virtual(file.id(), path, type, parts)},
                         info);
    attach(column);
    describe(column.dataset.id(), type, info);
    for (const VirtualPart& part : parts) column.rows += part.rows;
    column.dataset = {};
  });
}

Writer::Stream Writer::File::add_stream(const std::string& path, const std::string& dimension,
                                        const ColumnInfo& info, Type type) {
  SIM_EXPECT(is_free(path));
  const std::string group = group_of(path);
  SIM_EXPECT(dimensions.contains(group) == dimension.empty());
  SIM_EXPECT(!dimension.empty() || dimensions.at(group).scales.size() == 1);
  guarded([&] {
    need_group(group);
    Column& column = add(path,
                         {.group = group,
                          .type = type,
                          .unit = {},
                          .shape = {},
                          .dataset = create_growing(file.id(), path, type, compression)},
                         info);
    if (dimension.empty())
      attach(column);
    else
      make_scale(path, column, dimension);
    describe(column.dataset.id(), type, info);
    streams.push_back(&column);
  });
  return Stream{static_cast<std::uint32_t>(streams.size() - 1)};
}

void Writer::File::append(Column& column, const Cells& cells) {
  write_rows(column.dataset.id(), column.rows, cells);
  column.hash.add(cells);
  column.rows += cells.rows;
}

// Scales are told who uses them.
void Writer::File::finish_dimensions() {
  std::map<std::string, std::vector<ScaleUser>> users;
  for (const auto& [path, column] : columns) {
    const std::vector<std::string>& scales = dimensions.at(column.group).scales;
    if (std::find(scales.begin(), scales.end(), path) != scales.end()) continue;
    SIM_EXPECT(scales.size() > 1 || column.rows == columns.at(scales.front()).rows);
    for (std::size_t i = 0; i < scales.size(); ++i) {
      users[scales[i]].push_back({column.reference, static_cast<std::int32_t>(i)});
    }
  }
  for (const auto& [scale, of_scale] : users) {
    const Handle dataset(H5Dopen2(file.id(), scale.c_str(), H5P_DEFAULT), H5Dclose,
                         "cannot open a dimension");
    list_users(dataset.id(), of_scale);
  }
}

std::string Writer::File::digest() {
  std::map<std::string, Content> contents = texts;
  for (auto& [path, column] : columns) {
    contents[path] = {std::string(results::name(column.type)), column.shape_text(), column.unit,
                      column.is_virtual ? "" : column.hash.finish()};
  }
  return digest_of(contents);
}

}  // namespace tokenyard::results
