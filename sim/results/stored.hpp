// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "results/attributes.hpp"
#include "results/cells.hpp"
#include "results/handle.hpp"

namespace tokenyard::results {

// A dataset of a file that nobody vouches for. Opening it throws Hdf5Error for what Tokenyard does
// not write: other types, shapes, filters, and values that lie in other files.
struct StoredDataset {
  StoredDataset(std::int64_t file, const std::string& name);

  // Throws Hdf5Error unless the file holds these rows, by the sizes and places that it states:
  // HDF5 1.10 believes them, and would allocate for a lie, or read past a buffer.
  void check_held(std::uint64_t first, std::uint64_t wanted, std::uint64_t file_bytes) const;

  std::uint64_t count() const { return rows.value_or(1); }

  Handle handle;
  std::optional<Type> type;           // none: a scalar text
  std::optional<std::uint64_t> rows;  // of a column
  std::size_t value_bytes = 0;        // of one value; of the whole text
  std::uint64_t rows_in_chunk = 0;    // 0: not chunked
  bool filtered = false;
};

// The single value of an attribute, or none. Throws Hdf5Error for a list, or a type of string that
// Tokenyard does not write.
std::optional<Attribute> read_attribute(std::int64_t object, const std::string& name,
                                        std::uint64_t file_bytes);

// A text of a fixed length without its padding.
std::string without_padding(std::string text);

struct Listing {
  std::vector<std::string> groups;
  std::vector<std::string> datasets;
};
// The full names in a file, in byte order. Throws Hdf5Error for links that lead elsewhere, and for
// loops of groups.
Listing list_objects(std::int64_t file);

}  // namespace tokenyard::results
