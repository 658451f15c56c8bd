// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

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
// A dataset of `rows` rows, written by one write_rows from row 0.
Handle create_fixed(std::int64_t file, const std::string& path, Type type, std::size_t rows,
                    Compression compression);
// An empty dataset that grows by extend().
Handle create_growing(std::int64_t file, const std::string& path, Type type,
                      Compression compression);
void create_text(std::int64_t file, const std::string& path, const std::string& text);

void extend(std::int64_t dataset, std::uint64_t rows);
void write_rows(std::int64_t dataset, std::uint64_t first, const Cells& cells);
// Reads rows as the cells of `type`, converting numbers.
void read_rows(std::int64_t dataset, std::uint64_t first, std::size_t rows, Type type, void* to);

}  // namespace tokenyard::results
