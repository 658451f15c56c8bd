// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "core/sha256.hpp"
#include "results/cells.hpp"

namespace tokenyard::results {

// The SHA-256 of a dataset's values, fed in any portions: little-endian, every NaN as the same
// bits, +0 and -0 apart. Independent of chunks and compression.
class ValuesHash final {
 public:
  void add(const Cells& cells);
  void add(std::string_view text) { sha_.add(text); }
  std::string finish() { return hex(sha_.finish()); }

 private:
  Sha256 sha_;
};

// "3x4x5"
std::string text_of(std::span<const std::uint64_t> shape);

// What the digest of a file says of one dataset.
struct Content {
  std::string type;    // u1 u2 u4 u8 i8 f4 f8 utf8
  std::string shape;   // lengths of the dimensions, as 20000 or 3x4x5; empty for a scalar
  std::string unit;    // the units attribute, or empty
  std::string values;  // hexadecimal SHA-256 of the values, the last dimension fastest
};

// The digest of a file, in hexadecimal. With net(x) = bytes of x in decimal, ':', x, it is the
// SHA-256 of "tokenyard-digest-1" and, for each dataset in the byte order of full names, net(name)
// net(type) net(shape) net(unit) net(values). Of virtual datasets, shape and values are empty.
std::string digest_of(const std::map<std::string, Content>& datasets);

}  // namespace tokenyard::results
