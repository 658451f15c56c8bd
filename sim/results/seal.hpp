// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "results/disk.hpp"

namespace tokenyard::results {

// The last bytes of a file: the SHA-256 of all before them, as "tokenyard-sha256 HEX\n". They stand
// behind the end that HDF5 knows of, where no tool looks; a program that changes the file cuts
// them off. The digest says whether the values are right, whatever holds them; the seal whether any
// byte has changed since: of headers, attributes, indices of chunks, or of space that is not used.
inline constexpr std::size_t seal_bytes = 17 + 64 + 1;

// `missing`: the file was cut short, changed, or is of another program.
enum class Seal : std::uint8_t { intact, broken, missing };

// Seals what is on the disk. A failure to write is the disk's, see Disk::failure.
void write_seal(Disk& disk);

// Reads all of a file once. Throws ConfigError if it cannot be read.
Seal seal_of(const std::string& path);

}  // namespace tokenyard::results
