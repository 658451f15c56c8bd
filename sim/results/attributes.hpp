// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "results/cells.hpp"
#include "results/handle.hpp"

namespace tokenyard::results {

using Attribute = std::variant<std::int64_t, double, std::string>;

// The following write to an open HDF5 object and throw Hdf5Error. Strings have a fixed length: they
// are stored in the object's checksummed header, not in a heap.
void write_attribute(std::int64_t object, const std::string& name, const Attribute& value);
void write_array(std::int64_t object, const std::string& name, const Cells& values);
// A single value of a column's own type, as _FillValue must be.
void write_number(std::int64_t object, const std::string& name, Type type, std::uint64_t value);

// A UTF-8 string type of a fixed length, padded with NUL.
Handle text_type(std::size_t bytes);

// Dimension scales by their specification rather than by libhdf5_hl, which rewrites the list of
// references for every column and leaves uninitialised bytes in it.
using Reference = std::uint64_t;
Reference reference_to(std::int64_t file, const std::string& path);
void mark_as_scale(std::int64_t dataset, const std::string& dimension);
// Of each dimension of the dataset, its scale.
void attach_to_scales(std::int64_t dataset, std::span<const Reference> scales);
// A dataset that a scale belongs to, and which of its dimensions it is.
struct ScaleUser {
  Reference dataset = 0;
  std::int32_t dimension = 0;
};
void list_users(std::int64_t scale, std::span<const ScaleUser> users);

}  // namespace tokenyard::results
