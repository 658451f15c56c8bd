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
// not write: other types, shapes, filters, and values that lie outside as raw bytes.
struct StoredDataset {
  StoredDataset(std::int64_t file, const std::string& name);

  // Throws Hdf5Error unless the file holds these values, by the sizes and places that it states:
  // HDF5 1.10 believes them, and would allocate for a lie, or read past a buffer.
  void check_held(std::uint64_t first, std::uint64_t wanted, std::uint64_t file_bytes) const;

  // Throws Hdf5Error unless it is of numbers, and they are in this file.
  void need_numbers() const;

  Handle handle;
  std::optional<Type> type;          // none: a scalar text
  std::vector<std::uint64_t> shape;  // lengths of the dimensions; of a text: none
  std::uint64_t count = 1;           // of values
  std::size_t value_bytes = 0;       // of one value; of the whole text
  std::vector<std::uint64_t> chunk;  // its shape; empty: not chunked
  // Put together from other files. Its shape is left open: asking HDF5 may open them.
  bool is_virtual = false;
  bool filtered = false;

 private:
  void read_shape();
  void read_chunk(std::int64_t creation);
  void check_chunk(const std::vector<std::uint64_t>& at, std::uint64_t file_bytes,
                   std::uint64_t& held) const;
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
// Whether there is an object of that full name. Throws Hdf5Error if a link to it leads elsewhere.
bool check_links(std::int64_t file, const std::string& name);
// The full names in a file, in byte order. Throws Hdf5Error for links that lead elsewhere, and for
// loops of groups.
Listing list_objects(std::int64_t file);

}  // namespace tokenyard::results
