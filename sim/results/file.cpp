// SPDX-License-Identifier: Apache-2.0
#include "results/file.hpp"

#include <hdf5.h>

#include <numeric>
#include <vector>

#include "core/contracts.hpp"
#include "results/seal.hpp"
#include "results/writer_file.hpp"

namespace tokenyard::results {

void start_library() { H5open(); }

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
  open().add_scale(member_of(group, name), name, coordinate, info);
}

void Writer::dimension(const std::string& group, const std::string& name, std::size_t length) {
  std::vector<std::int64_t> numbers(length);
  std::iota(numbers.begin(), numbers.end(), 0);
  dimension(group, name, Cells(numbers));
}

void Writer::column(const std::string& path, const Cells& values, const ColumnInfo& info) {
  open().add_whole(path, values, info);
}

void Writer::virtual_column(const std::string& path, Type type, std::span<const VirtualPart> parts,
                            const ColumnInfo& info) {
  open().add_virtual(path, type, parts, info);
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
  File::Column& column = *file.streams.at(static_cast<std::size_t>(stream));
  SIM_EXPECT(values.type == column.type && values.rows <= rows_per_chunk);
  SIM_EXPECT(column.rows % rows_per_chunk == 0);
  file.guarded([&] {
    extend(column.dataset.id(), column.rows + values.rows);
    file.append(column, values);
  });
}

void Writer::read(const std::string& path, std::uint64_t first, std::span<double> to) {
  File& file = open();
  const auto found = file.columns.find(path);
  SIM_EXPECT(found != file.columns.end() && found->second.shape.size() <= 1);
  SIM_EXPECT(!found->second.is_virtual && first + to.size() <= found->second.rows);
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
    file.finish_dimensions();
    digest = file.digest();
    const Handle root(H5Gopen2(file.file.id(), "/", H5P_DEFAULT), H5Gclose, "cannot open the root");
    write_attribute(root.id(), "format_version", format_version);
    write_attribute(root.id(), "digest", digest);
  });
  file.guarded([&] {
    for (File::Column* column : file.streams) column->dataset = {};
    if (!file.file.close()) throw Hdf5Error("cannot finish the file");
    write_seal(file.target.disk());
  });
  file.target.publish();
  file_.reset();
  return digest;
}

}  // namespace tokenyard::results
