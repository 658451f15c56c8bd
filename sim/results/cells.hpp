// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tokenyard::results {

// What a column may be made of: IEEE floats, signed and unsigned integers, by bytes.
enum class Type : std::uint8_t { f4, f8, i8, u1, u2, u4, u8 };

std::string_view name(Type type);
std::size_t size_of(Type type);
// The greatest value of an unsigned type.
std::uint64_t greatest(Type type);
// The smallest unsigned type that holds `value`.
Type narrowest(std::uint64_t value);
// HDF5's own: the little-endian type in the file, which is also that of this machine's memory.
std::int64_t hdf5_type(Type type);

template <class T>
concept Cell = std::same_as<T, float> || std::same_as<T, double> || std::same_as<T, std::int64_t> ||
    std::same_as<T, std::uint64_t> || std::same_as<T, std::uint32_t> ||
    std::same_as<T, std::uint16_t> || std::same_as<T, std::uint8_t>;

template <Cell T>
constexpr Type type_of() {
  if constexpr (std::same_as<T, float>) return Type::f4;
  if constexpr (std::same_as<T, double>) return Type::f8;
  if constexpr (std::same_as<T, std::int64_t>) return Type::i8;
  if constexpr (std::same_as<T, std::uint64_t>) return Type::u8;
  if constexpr (std::same_as<T, std::uint32_t>) return Type::u4;
  if constexpr (std::same_as<T, std::uint16_t>) return Type::u2;
  if constexpr (std::same_as<T, std::uint8_t>) return Type::u1;
}

// A view of the values of one column, whatever their type; made of a span or a vector where one is
// passed.
struct Cells {
  Cells(Type kind, const void* values, std::size_t count) : type(kind), data(values), rows(count) {}
  template <Cell T>
  Cells(std::span<const T> values)  // NOLINT(google-explicit-constructor)
      : Cells(type_of<T>(), values.data(), values.size()) {}
  template <Cell T>
  Cells(const std::vector<T>& values)  // NOLINT(google-explicit-constructor)
      : Cells(std::span<const T>(values)) {}

  std::size_t bytes() const { return rows * size_of(type); }

  Type type;
  const void* data;
  std::size_t rows;
};

}  // namespace tokenyard::results
