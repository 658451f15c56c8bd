// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tokenyard::results {

// The SHA-256, in hexadecimal, of what a file says: names, types, lengths, values and units of all
// its datasets (content.hpp gives the exact bytes). Not of attributes such as host, date or
// command, nor of chunks and compression. Reads in chunks. Throws ConfigError for a file that
// cannot be read.
std::string digest(const std::string& path);

// Whether the file's datasets are those that its Writer was given: digest(path) is computed from
// what is on the disk, and the stored digest from what was in memory. Throws ConfigError for a file
// that cannot be read, has no digest, or is of a later format.
bool verify(const std::string& path);

}  // namespace tokenyard::results
