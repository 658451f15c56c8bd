// SPDX-License-Identifier: Apache-2.0
#include "results/stored.hpp"

#include <hdf5.h>

#include <algorithm>

namespace tokenyard::results {

namespace {

constexpr std::uint64_t most_chunk_bytes = 64 << 20;
constexpr int most_depth = 32;
constexpr std::size_t most_objects = 1'000'000;
constexpr std::uint64_t most_values = std::uint64_t{1} << 60;
constexpr const char* lacking = "lacks values that it should have: the file is damaged";

void refuse_unless(bool condition, const char* what) {
  if (!condition) throw Hdf5Error(what);
}

std::optional<Type> column_type(std::int64_t type) {
  for (const Type candidate :
       {Type::f4, Type::f8, Type::i8, Type::u1, Type::u2, Type::u4, Type::u8})
    if (H5Tequal(type, hdf5_type(candidate)) > 0) return candidate;
  return std::nullopt;
}

bool is_fixed_text(std::int64_t type) {
  return H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0;
}

// Whether only filters that every HDF5 has are needed: others would be loaded as foreign code.
bool has_filters(std::int64_t creation) {
  const int count = H5Pget_nfilters(creation);
  check(count, "cannot read the filters");
  for (unsigned i = 0; i < static_cast<unsigned>(count); ++i) {
    unsigned flags = 0;
    std::size_t values = 0;
    const H5Z_filter_t filter =
        H5Pget_filter2(creation, i, &flags, &values, nullptr, 0, nullptr, nullptr);
    refuse_unless(filter == H5Z_FILTER_DEFLATE || filter == H5Z_FILTER_SHUFFLE ||
                      filter == H5Z_FILTER_FLETCHER32,
                  "has a filter that Tokenyard does not use");
  }
  return count > 0;
}

struct Link {
  std::string name;
  bool hard;
};

herr_t collect(hid_t, const char* name, const H5L_info_t* info, void* links) noexcept {
  try {
    static_cast<std::vector<Link>*>(links)->push_back({name, info->type == H5L_TYPE_HARD});
  } catch (...) {
    return -1;
  }
  return 0;
}

void list_group(std::int64_t file, const std::string& group, int depth, Listing& listing) {
  refuse_unless(depth <= most_depth, "has groups nested too deeply");
  std::vector<Link> links;
  {
    const Handle opened(H5Gopen2(file, group.empty() ? "/" : group.c_str(), H5P_DEFAULT), H5Gclose,
                        "cannot open a group");
    check(H5Literate(opened.id(), H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, collect, &links),
          "cannot list a group");
  }
  for (const Link& link : links) {
    const std::string path = group + "/" + link.name;
    refuse_unless(link.hard, "has a link that leads elsewhere");
    refuse_unless(listing.groups.size() + listing.datasets.size() < most_objects,
                  "has too many objects");
    const Handle object(H5Oopen(file, path.c_str(), H5P_DEFAULT), H5Oclose,
                        "cannot open an object");
    const H5I_type_t kind = H5Iget_type(object.id());
    if (kind == H5I_DATASET) listing.datasets.push_back(path);
    if (kind != H5I_GROUP) continue;
    listing.groups.push_back(path);
    list_group(file, path, depth + 1, listing);
  }
}

}  // namespace

StoredDataset::StoredDataset(std::int64_t file, const std::string& name)
    : handle(H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose, "cannot open it as a dataset") {
  const Handle creation(H5Dget_create_plist(handle.id()), H5Pclose, "cannot read its layout");
  const Handle stored_type(H5Dget_type(handle.id()), H5Tclose, "cannot read its type");
  type = column_type(stored_type.id());
  refuse_unless(type || is_fixed_text(stored_type.id()),
                "has a type that Tokenyard does not write");
  value_bytes = H5Tget_size(stored_type.id());
  const H5D_layout_t layout = H5Pget_layout(creation.id());
  is_virtual = type && layout == H5D_VIRTUAL;
  if (is_virtual) return;
  refuse_unless(layout == H5D_CONTIGUOUS || layout == H5D_CHUNKED || layout == H5D_COMPACT,
                "has a layout that Tokenyard does not use");
  refuse_unless(H5Pget_external_count(creation.id()) == 0, "has its values in another file");
  filtered = has_filters(creation.id());
  read_shape();
  if (layout == H5D_CHUNKED) read_chunk(creation.id());
}

void StoredDataset::read_shape() {
  constexpr const char* other = "has a shape that Tokenyard does not write";
  const Handle space(H5Dget_space(handle.id()), H5Sclose, "cannot read its shape");
  const H5S_class_t kind = H5Sget_simple_extent_type(space.id());
  if (!type) return refuse_unless(kind == H5S_SCALAR, other);
  refuse_unless(kind == H5S_SIMPLE, other);
  const int dimensions = H5Sget_simple_extent_ndims(space.id());
  refuse_unless(dimensions >= 1, other);
  std::vector<hsize_t> lengths(static_cast<std::size_t>(dimensions));
  check(H5Sget_simple_extent_dims(space.id(), lengths.data(), nullptr), "cannot read its shape");
  for (const hsize_t length : lengths) {
    refuse_unless(length == 0 || count <= most_values / length, other);
    count *= length;
  }
  shape.assign(lengths.begin(), lengths.end());
}

// Of several dimensions, only as Tokenyard cuts them: 1 in the first, whole in the last.
void StoredDataset::read_chunk(std::int64_t creation) {
  constexpr const char* other = "has chunks that Tokenyard does not write";
  std::vector<hsize_t> lengths(shape.size());
  refuse_unless(!shape.empty() && H5Pget_chunk(creation, static_cast<int>(lengths.size()),
                                               lengths.data()) == static_cast<int>(shape.size()),
                other);
  std::uint64_t values = 1;
  bool whole = true;
  for (std::size_t i = lengths.size(); i > 0; --i) {
    const hsize_t length = lengths[i - 1];
    refuse_unless(length > 0 && length <= most_chunk_bytes / value_bytes / values, other);
    values *= length;
    if (lengths.size() == 1) break;
    refuse_unless(length == 1 || (whole && length <= shape[i - 1]), other);
    whole = whole && length == shape[i - 1];
  }
  chunk.assign(lengths.begin(), lengths.end());
}

void StoredDataset::need_numbers() const {
  refuse_unless(type.has_value(), "is not a column of numbers");
  refuse_unless(!is_virtual,
                "is virtual (its values lie in other files), which Tokenyard does not follow; read "
                "it with h5py or xarray, or have the values copied into this file");
}

void StoredDataset::check_held(std::uint64_t first, std::uint64_t wanted,
                               std::uint64_t file_bytes) const {
  if (wanted == 0) return;
  if (chunk.empty()) {
    refuse_unless(count <= file_bytes / value_bytes, lacking);
    refuse_unless(H5Dget_storage_size(handle.id()) == count * value_bytes, lacking);
    return;
  }
  std::vector<std::uint64_t> at(shape.size(), 0);
  std::uint64_t held = 0;
  if (shape.size() == 1) {
    for (at[0] = first / chunk[0] * chunk[0]; at[0] < first + wanted; at[0] += chunk[0]) {
      check_chunk(at, file_bytes, held);
    }
    return;
  }
  // The last dimension is the fastest; past its end, the one before goes on.
  for (std::size_t i = shape.size(); i > 0;) {
    check_chunk(at, file_bytes, held);
    for (i = shape.size(); i > 0 && (at[i - 1] += chunk[i - 1]) >= shape[i - 1]; --i) at[i - 1] = 0;
  }
}

void StoredDataset::check_chunk(const std::vector<std::uint64_t>& at, std::uint64_t file_bytes,
                                std::uint64_t& held) const {
  std::uint64_t whole = value_bytes;
  for (const std::uint64_t length : chunk) whole *= length;
  unsigned skipped = 0;
  haddr_t place = HADDR_UNDEF;
  hsize_t bytes = 0;
  const std::vector<hsize_t> start(at.begin(), at.end());
  check(H5Dget_chunk_info_by_coord(handle.id(), start.data(), &skipped, &place, &bytes),
        "cannot find a chunk");
  held += bytes;
  refuse_unless(place < file_bytes && bytes <= file_bytes - place && held <= file_bytes, lacking);
  // Data that gzip cannot shrink grows by a thousandth.
  refuse_unless(skipped == 0 && (filtered ? bytes <= whole + whole / 100 + 4096 : bytes == whole),
                lacking);
}

std::string without_padding(std::string text) {
  text.resize(std::min(text.find('\0'), text.size()));
  return text;
}

std::optional<Attribute> read_attribute(std::int64_t object, const std::string& name,
                                        std::uint64_t file_bytes) {
  const htri_t present = H5Aexists(object, name.c_str());
  check(present, "cannot look for an attribute");
  if (present == 0) return std::nullopt;
  const Handle attribute(H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose,
                         "cannot open an attribute");
  const Handle type(H5Aget_type(attribute.id()), H5Tclose, "cannot read an attribute's type");
  const Handle space(H5Aget_space(attribute.id()), H5Sclose, "cannot read an attribute's shape");
  refuse_unless(H5Sget_simple_extent_npoints(space.id()) == 1, "has a list for an attribute");
  constexpr const char* unreadable = "cannot read an attribute";
  if (is_fixed_text(type.id())) {
    const std::size_t bytes = H5Tget_size(type.id());
    refuse_unless(bytes <= file_bytes, "has an attribute longer than the file");
    std::string text(bytes, '\0');
    check(H5Aread(attribute.id(), type.id(), text.data()), unreadable);
    return without_padding(std::move(text));
  }
  if (H5Tget_class(type.id()) == H5T_INTEGER) {
    std::int64_t value = 0;
    check(H5Aread(attribute.id(), hdf5_type(Type::i8), &value), unreadable);
    return value;
  }
  refuse_unless(H5Tget_class(type.id()) == H5T_FLOAT,
                "has an attribute of a type that Tokenyard does not write");
  double value = 0;
  check(H5Aread(attribute.id(), hdf5_type(Type::f8), &value), unreadable);
  return value;
}

bool check_links(std::int64_t file, const std::string& name) {
  if (name == "/") return true;
  for (std::size_t end = name.find('/', 1);; end = name.find('/', end + 1)) {
    const std::string part = name.substr(0, end);
    const htri_t present = H5Lexists(file, part.c_str(), H5P_DEFAULT);
    check(present, "cannot look for an object");
    if (present == 0) return false;
    H5L_info_t info{};
    check(H5Lget_info(file, part.c_str(), &info, H5P_DEFAULT), "cannot look for an object");
    refuse_unless(info.type == H5L_TYPE_HARD, "has a link that leads elsewhere");
    if (end == std::string::npos) return true;
  }
}

Listing list_objects(std::int64_t file) {
  Listing listing;
  list_group(file, "", 0, listing);
  std::sort(listing.groups.begin(), listing.groups.end());
  std::sort(listing.datasets.begin(), listing.datasets.end());
  return listing;
}

}  // namespace tokenyard::results
