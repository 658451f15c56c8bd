// SPDX-License-Identifier: Apache-2.0
#include "results/dataset.hpp"

#include <hdf5.h>

#include <algorithm>
#include <limits>

#include "results/attributes.hpp"

namespace tokenyard::results {

namespace {

Handle properties(std::int64_t list_class) {
  return {H5Pcreate(list_class), H5Pclose, "cannot create a property list"};
}

Handle utf8_links() {
  Handle list = properties(H5P_LINK_CREATE);
  check(H5Pset_char_encoding(list.id(), H5T_CSET_UTF8), "cannot set the encoding of names");
  return list;
}

Handle dateless_dataset() {
  Handle list = properties(H5P_DATASET_CREATE);
  check(H5Pset_obj_track_times(list.id(), false), "cannot switch dates off");
  return list;
}

void set_chunks(const Handle& list, const std::vector<hsize_t>& chunk, Compression compression) {
  check(H5Pset_chunk(list.id(), static_cast<int>(chunk.size()), chunk.data()),
        "cannot set the chunk size");
  if (compression == Compression::none) return;
  check(H5Pset_shuffle(list.id()), "cannot use the shuffle filter");
  check(H5Pset_deflate(list.id(), 1), "cannot use the gzip filter");
}

// Chunks are written whole and once: a cache would only copy them.
Handle uncached() {
  Handle list = properties(H5P_DATASET_ACCESS);
  check(H5Pset_chunk_cache(list.id(), 1, 0, 1.0), "cannot set the chunk cache");
  return list;
}

Handle create(std::int64_t file, const std::string& path, std::int64_t type, const Handle& space,
              const Handle& creation) {
  return {H5Dcreate2(file, path.c_str(), type, space.id(), utf8_links().id(), creation.id(),
                     uncached().id()),
          H5Dclose, "cannot create a dataset"};
}

Handle rows_of(std::int64_t dataset, std::uint64_t first, std::size_t rows) {
  Handle space(H5Dget_space(dataset), H5Sclose, "cannot read the shape of a dataset");
  const hsize_t start = first;
  const hsize_t count = rows;
  if (rows == 0)
    check(H5Sselect_none(space.id()), "cannot select rows");
  else
    check(H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, &start, nullptr, &count, nullptr),
          "cannot select rows");
  return space;
}

Handle space_of(const std::vector<hsize_t>& lengths) {
  return {H5Screate_simple(static_cast<int>(lengths.size()), lengths.data(), nullptr), H5Sclose,
          "cannot create a dataspace"};
}

// As many consecutive values as fit.
std::vector<hsize_t> chunk_of(const Shape& shape) {
  std::vector<hsize_t> chunk(shape.size(), 1);
  hsize_t room = rows_per_chunk;
  for (std::size_t i = shape.size(); i > 0 && room > 1; --i) {
    chunk[i - 1] = std::min<hsize_t>(shape[i - 1], room);
    room = chunk[i - 1] == shape[i - 1] ? room / chunk[i - 1] : 0;
  }
  return chunk;
}

void fill_with_none(const Handle& creation, Type type) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  constexpr std::uint64_t ones = std::numeric_limits<std::uint64_t>::max();
  int status = 0;
  if (type == Type::f4 || type == Type::f8)
    status = H5Pset_fill_value(creation.id(), hdf5_type(Type::f8), &none);
  else if (type == Type::i8)
    status = H5Pset_fill_value(creation.id(), hdf5_type(type), &most);
  else
    status = H5Pset_fill_value(creation.id(), hdf5_type(type), &ones);
  check(status, "cannot set what stands for missing files");
}

// HDF5 takes %b in such a name for the number of a block.
std::string literally(const std::string& name) {
  std::string text;
  for (const char c : name) text += c == '%' ? "%%" : std::string(1, c);
  return text;
}

Handle list_of(std::size_t rows) {
  const hsize_t length = rows;
  return {H5Screate_simple(1, &length, nullptr), H5Sclose, "cannot create a dataspace"};
}

}  // namespace

Handle create_group(std::int64_t file, const std::string& path) {
  const Handle creation = properties(H5P_GROUP_CREATE);
  check(H5Pset_obj_track_times(creation.id(), false), "cannot switch dates off");
  // Columns are listed in the order in which they were written.
  check(H5Pset_link_creation_order(creation.id(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
        "cannot keep the order of names");
  check(H5Pset_link_phase_change(creation.id(), 256, 128), "cannot set the form of a group");
  return {H5Gcreate2(file, path.c_str(), utf8_links().id(), creation.id(), H5P_DEFAULT), H5Gclose,
          "cannot create a group"};
}

std::uint64_t values_in(const Shape& shape) {
  std::uint64_t values = 1;
  for (const std::uint64_t length : shape) values *= length;
  return values;
}

Handle create_fixed(std::int64_t file, const std::string& path, Type type, const Shape& shape,
                    Compression compression) {
  const Handle creation = dateless_dataset();
  if (values_in(shape) >= least_rows_chunked && compression != Compression::none)
    set_chunks(creation, chunk_of(shape), compression);
  return create(file, path, hdf5_type(type), space_of({shape.begin(), shape.end()}), creation);
}

Handle create_virtual(std::int64_t file, const std::string& path, Type type,
                      std::span<const VirtualPart> parts) {
  const Handle creation = dateless_dataset();
  fill_with_none(creation, type);
  std::uint64_t rows = 0;
  for (const VirtualPart& part : parts) rows += part.rows;
  const Handle space = list_of(rows);
  hsize_t first = 0;
  for (const VirtualPart& part : parts) {
    const hsize_t length = part.rows;
    if (length == 0) continue;
    check(H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, &first, nullptr, &length, nullptr),
          "cannot select rows");
    check(H5Pset_virtual(creation.id(), space.id(), literally(part.file).c_str(),
                         literally(part.path).c_str(), list_of(length).id()),
          "cannot refer to another file");
    first += length;
  }
  check(H5Sselect_all(space.id()), "cannot select rows");
  return create(file, path, hdf5_type(type), space, creation);
}

Handle create_growing(std::int64_t file, const std::string& path, Type type,
                      Compression compression) {
  const Handle creation = dateless_dataset();
  set_chunks(creation, {rows_per_chunk}, compression);
  const hsize_t none = 0;
  const hsize_t most = H5S_UNLIMITED;
  const Handle space(H5Screate_simple(1, &none, &most), H5Sclose, "cannot create a dataspace");
  return create(file, path, hdf5_type(type), space, creation);
}

void create_text(std::int64_t file, const std::string& path, const std::string& text) {
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose, "cannot create a dataspace");
  // netCDF reads up to a NUL, wherever it finds one.
  const Handle type = text_type(text.size() + 1);
  const Handle dataset = create(file, path, type.id(), space, dateless_dataset());
  check(H5Dwrite(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.c_str()),
        "cannot write a text");
}

void extend(std::int64_t dataset, std::uint64_t rows) {
  const hsize_t length = rows;
  check(H5Dset_extent(dataset, &length), "cannot extend a dataset");
}

void write_whole(std::int64_t dataset, const Cells& cells) {
  if (cells.rows == 0) return;
  check(H5Dwrite(dataset, hdf5_type(cells.type), H5S_ALL, H5S_ALL, H5P_DEFAULT, cells.data),
        "cannot write values");
}

void read_whole(std::int64_t dataset, Type type, void* to) {
  check(H5Dread(dataset, hdf5_type(type), H5S_ALL, H5S_ALL, H5P_DEFAULT, to), "cannot read values");
}

void write_rows(std::int64_t dataset, std::uint64_t first, const Cells& cells) {
  if (cells.rows == 0) return;
  check(H5Dwrite(dataset, hdf5_type(cells.type), list_of(cells.rows).id(),
                 rows_of(dataset, first, cells.rows).id(), H5P_DEFAULT, cells.data),
        "cannot write rows");
}

void read_rows(std::int64_t dataset, std::uint64_t first, std::size_t rows, Type type, void* to) {
  if (rows == 0) return;
  check(H5Dread(dataset, hdf5_type(type), list_of(rows).id(), rows_of(dataset, first, rows).id(),
                H5P_DEFAULT, to),
        "cannot read rows");
}

}  // namespace tokenyard::results
