// SPDX-License-Identifier: Apache-2.0
#include "sweep/sobol.hpp"

#include <array>
#include <bit>

#include "core/contracts.hpp"

namespace tokenyard::sweep {
namespace {

constexpr std::size_t bits = 32;

// The primitive polynomial x^degree + coefficients + 1, and the first direction numbers.
struct Row {
  std::uint32_t degree;
  std::uint32_t coefficients;
  std::array<std::uint32_t, 8> first;
};

// Of the dimensions from the second on.
constexpr std::array<Row, Sobol::most_dimensions - 1> rows = {{
    {1, 0, {1}},
    {2, 1, {1, 3}},
    {3, 1, {1, 3, 1}},
    {3, 2, {1, 1, 1}},
    {4, 1, {1, 1, 3, 3}},
    {4, 4, {1, 3, 5, 13}},
    {5, 2, {1, 1, 5, 5, 17}},
    {5, 4, {1, 1, 5, 5, 5}},
    {5, 7, {1, 1, 7, 11, 19}},
    {5, 11, {1, 1, 5, 1, 1}},
    {5, 13, {1, 1, 1, 3, 11}},
    {5, 14, {1, 3, 5, 5, 31}},
    {6, 1, {1, 3, 3, 9, 7, 49}},
    {6, 13, {1, 1, 1, 15, 21, 21}},
    {6, 16, {1, 3, 1, 13, 27, 49}},
    {6, 19, {1, 1, 1, 15, 7, 5}},
    {6, 22, {1, 3, 1, 15, 13, 25}},
    {6, 25, {1, 1, 5, 5, 19, 61}},
    {7, 1, {1, 3, 7, 11, 23, 15, 103}},
    {7, 4, {1, 3, 7, 13, 13, 15, 69}},
    {7, 7, {1, 1, 3, 13, 7, 35, 63}},
    {7, 8, {1, 3, 5, 9, 1, 25, 53}},
    {7, 14, {1, 3, 1, 13, 9, 35, 107}},
    {7, 19, {1, 3, 1, 5, 27, 61, 31}},
    {7, 21, {1, 1, 5, 11, 19, 41, 61}},
    {7, 28, {1, 3, 5, 3, 3, 13, 69}},
    {7, 31, {1, 1, 7, 13, 1, 19, 1}},
    {7, 32, {1, 3, 7, 5, 13, 19, 59}},
    {7, 37, {1, 1, 3, 9, 25, 29, 41}},
    {7, 41, {1, 3, 5, 13, 23, 1, 55}},
    {7, 42, {1, 3, 7, 3, 13, 59, 17}},
    {7, 50, {1, 3, 1, 3, 5, 53, 69}},
    {7, 55, {1, 1, 5, 5, 23, 33, 13}},
    {7, 56, {1, 1, 7, 7, 1, 61, 123}},
    {7, 59, {1, 1, 7, 9, 13, 61, 49}},
    {7, 62, {1, 3, 3, 5, 3, 55, 33}},
    {8, 14, {1, 3, 1, 15, 31, 13, 49, 245}},
    {8, 21, {1, 3, 5, 15, 31, 59, 63, 97}},
    {8, 22, {1, 3, 1, 11, 11, 11, 77, 249}},
}};

std::vector<std::uint32_t> directions_of(const Row& row) {
  std::vector<std::uint32_t> v(bits);
  const std::size_t s = row.degree;
  for (std::size_t i = 0; i < s; ++i) v[i] = row.first[i] << (bits - 1 - i);
  for (std::size_t i = s; i < bits; ++i) {
    v[i] = v[i - s] ^ (v[i - s] >> s);
    for (std::size_t k = 1; k < s; ++k) {
      if ((row.coefficients >> (s - 1 - k) & 1U) != 0) v[i] ^= v[i - k];
    }
  }
  return v;
}

}  // namespace

Sobol::Sobol(std::size_t dimensions) : point_(dimensions) {
  SIM_EXPECT(dimensions >= 1 && dimensions <= most_dimensions);
  std::vector<std::uint32_t> first(bits);  // van der Corput
  for (std::size_t i = 0; i < bits; ++i) first[i] = std::uint32_t{1} << (bits - 1 - i);
  directions_.push_back(std::move(first));
  for (std::size_t i = 0; i + 1 < dimensions; ++i) directions_.push_back(directions_of(rows[i]));
}

const std::vector<std::uint32_t>& Sobol::next() {
  if (number_ > 0) {
    // The bit of the Gray code that changes.
    const auto bit = static_cast<std::size_t>(std::countr_zero(number_));
    SIM_EXPECT(bit < bits);
    for (std::size_t i = 0; i < point_.size(); ++i) point_[i] ^= directions_[i][bit];
  }
  ++number_;
  return point_;
}

}  // namespace tokenyard::sweep
