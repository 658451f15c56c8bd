// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tokenyard::sweep {

// Sobol's sequence in Gray-code order with the direction numbers of Joe and Kuo (2008), D(6):
// S. Joe, F. Y. Kuo, Constructing Sobol sequences with better two-dimensional projections, SIAM J.
// Sci. Comput. 30, 2635-2654; their file new-joe-kuo-6.21201, first 40 dimensions. 32 bits.
class Sobol {
 public:
  static constexpr std::size_t most_dimensions = 40;

  explicit Sobol(std::size_t dimensions);

  // The next point, a whole number of 2^-32 for each dimension; the first is the origin.
  const std::vector<std::uint32_t>& next();

 private:
  std::vector<std::vector<std::uint32_t>> directions_;
  std::vector<std::uint32_t> point_;
  std::uint64_t number_ = 0;
};

}  // namespace tokenyard::sweep
