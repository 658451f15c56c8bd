// SPDX-License-Identifier: Apache-2.0
#include "results/attributes.hpp"

#include <hdf5.h>

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <vector>

#include "core/contracts.hpp"

namespace tokenyard::results {

static_assert(std::is_same_v<Reference, hobj_ref_t>);

namespace {

Handle scalar() { return {H5Screate(H5S_SCALAR), H5Sclose, "cannot create a dataspace"}; }

Handle list_of(std::size_t size) {
  const hsize_t length = size;
  return {H5Screate_simple(1, &length, nullptr), H5Sclose, "cannot create a dataspace"};
}

void write(std::int64_t object, const char* name, std::int64_t type, const Handle& space,
           const void* data) {
  SIM_EXPECT(H5Aexists(object, name) <= 0);
  const Handle attribute(H5Acreate2(object, name, type, space.id(), H5P_DEFAULT, H5P_DEFAULT),
                         H5Aclose, "cannot create an attribute");
  check(H5Awrite(attribute.id(), type, data), "cannot write an attribute");
}

void write_text(std::int64_t object, const char* name, const std::string& text) {
  SIM_EXPECT(text.find('\0') == std::string::npos);
  write(object, name, text_type(text.size()).id(), scalar(), text.data());
}

// The scale specification asks for ASCII strings that end in NUL.
void write_c_string(std::int64_t object, const char* name, const std::string& text) {
  const Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "cannot create a type");
  check(H5Tset_size(type.id(), text.size() + 1), "cannot set the length of a string");
  write(object, name, type.id(), scalar(), text.c_str());
}

}  // namespace

Handle text_type(std::size_t bytes) {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "cannot create a type");
  check(H5Tset_size(type.id(), std::max<std::size_t>(bytes, 1)),
        "cannot set the length of a string");
  check(H5Tset_strpad(type.id(), H5T_STR_NULLPAD), "cannot set the padding of a string");
  check(H5Tset_cset(type.id(), H5T_CSET_UTF8), "cannot set the encoding of a string");
  return type;
}

void write_attribute(std::int64_t object, const std::string& name, const Attribute& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    write_text(object, name.c_str(), *text);
  } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
    write(object, name.c_str(), hdf5_type(Type::i8), scalar(), whole);
  } else {
    write(object, name.c_str(), hdf5_type(Type::f8), scalar(), std::get_if<double>(&value));
  }
}

void write_array(std::int64_t object, const std::string& name, const Cells& values) {
  write(object, name.c_str(), hdf5_type(values.type), list_of(values.rows), values.data);
}

void write_number(std::int64_t object, const std::string& name, Type type, std::uint64_t value) {
  SIM_EXPECT(value <= greatest(type));  // the low bytes are then the narrower number
  write_array(object, name, Cells(type, &value, 1));
}

Reference reference_to(std::int64_t file, const std::string& path) {
  Reference reference = 0;
  check(H5Rcreate(&reference, file, path.c_str(), H5R_OBJECT, -1), "cannot refer to a dataset");
  return reference;
}

void mark_as_scale(std::int64_t dataset, const std::string& dimension) {
  write_c_string(dataset, "CLASS", "DIMENSION_SCALE");
  write_c_string(dataset, "NAME", dimension);
}

void attach_to_scales(std::int64_t dataset, std::span<const Reference> scales) {
  const Handle type(H5Tvlen_create(H5T_STD_REF_OBJ), H5Tclose, "cannot create a type");
  std::vector<Reference> references(scales.begin(), scales.end());
  std::vector<hvl_t> lists;
  for (Reference& reference : references) lists.push_back({1, &reference});
  write(dataset, "DIMENSION_LIST", type.id(), list_of(lists.size()), lists.data());
}

void list_users(std::int64_t scale, std::span<const ScaleUser> users) {
  if (users.empty()) return;
  constexpr std::size_t entry = sizeof(Reference) + sizeof(std::int32_t);
  const Handle type(H5Tcreate(H5T_COMPOUND, entry), H5Tclose, "cannot create a type");
  check(H5Tinsert(type.id(), "dataset", 0, H5T_STD_REF_OBJ), "cannot describe a reference");
  check(H5Tinsert(type.id(), "dimension", sizeof(Reference), H5T_STD_I32LE),
        "cannot describe a reference");
  std::vector<unsigned char> list(entry * users.size());  // without the padding of a struct
  for (std::size_t i = 0; i < users.size(); ++i) {
    unsigned char* to = list.data() + i * entry;
    std::memcpy(to, &users[i].dataset, sizeof(Reference));
    std::memcpy(to + sizeof(Reference), &users[i].dimension, sizeof(std::int32_t));
  }
  write(scale, "REFERENCE_LIST", type.id(), list_of(users.size()), list.data());
}

}  // namespace tokenyard::results
