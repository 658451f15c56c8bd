// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
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

// What the digest of a file says of one dataset.
struct Content {
  std::string type;    // u1 u2 u4 u8 i8 f4 f8 utf8
  std::string shape;   // rows in decimal; empty for a scalar
  std::string unit;    // the units attribute, or empty
  std::string values;  // hexadecimal SHA-256 of the values
};

// The digest of a file, in hexadecimal. With net(x) = bytes of x in decimal, ':', x, it is the
// SHA-256 of "tokenyard-digest-1" and, for each dataset in the byte order of full names, net(name)
// net(type) net(shape) net(unit) net(values).
std::string digest_of(const std::map<std::string, Content>& datasets);

}  // namespace tokenyard::results
