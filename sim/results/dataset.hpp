// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "results/cells.hpp"
#include "results/handle.hpp"

namespace tokenyard::results {

enum class Compression : std::uint8_t { gzip, none };

inline constexpr std::size_t rows_per_chunk = 131'072;
// Below this a column of known length is contiguous: 40 short columns in large chunks cost 176 ms,
// contiguous 2.
inline constexpr std::size_t least_rows_chunked = 16'384;

// The following work on open HDF5 ids and throw Hdf5Error. Nothing carries a date, so that equal
// contents are equal bytes.
Handle create_group(std::int64_t file, const std::string& path);
// The lengths of a dataset's dimensions; the last changes fastest.
using Shape = std::vector<std::uint64_t>;
std::uint64_t values_in(const Shape& shape);

// A dataset of known length, to be written by one write_whole. Its chunks are runs of consecutive
// values: 1 in the first dimensions, whole in the last.
Handle create_fixed(std::int64_t file, const std::string& path, Type type, const Shape& shape,
                    Compression compression);
// Values that lie in datasets of other files, one after another. Where such a file is missing, HDF5
// gives NaN, or of whole numbers the greatest.
struct VirtualPart {
  std::string file;  // beside the file of the virtual dataset, or absolute
  std::string path;
  std::uint64_t rows = 0;
};
Handle create_virtual(std::int64_t file, const std::string& path, Type type,
                      std::span<const VirtualPart> parts);
// An empty dataset that grows by extend().
Handle create_growing(std::int64_t file, const std::string& path, Type type,
                      Compression compression);
void create_text(std::int64_t file, const std::string& path, const std::string& text);

void extend(std::int64_t dataset, std::uint64_t rows);
void write_whole(std::int64_t dataset, const Cells& cells);
void write_rows(std::int64_t dataset, std::uint64_t first, const Cells& cells);
void read_whole(std::int64_t dataset, Type type, void* to);
// Reads rows as the cells of `type`, converting numbers.
void read_rows(std::int64_t dataset, std::uint64_t first, std::size_t rows, Type type, void* to);

}  // namespace tokenyard::results
