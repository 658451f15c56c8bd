// SPDX-License-Identifier: Apache-2.0
#include "results/cells.hpp"

#include <hdf5.h>

#include <array>
#include <bit>
#include <limits>

#include "core/contracts.hpp"

namespace tokenyard::results {

static_assert(std::endian::native == std::endian::little);

namespace {

struct Traits {
  std::string_view name;
  std::size_t bytes;
};
constexpr std::array<Traits, 7> traits = {
    {{"f4", 4}, {"f8", 8}, {"i8", 8}, {"u1", 1}, {"u2", 2}, {"u4", 4}, {"u8", 8}}};

const Traits& of(Type type) { return traits.at(static_cast<std::size_t>(type)); }

}  // namespace

std::string_view name(Type type) { return of(type).name; }
std::size_t size_of(Type type) { return of(type).bytes; }

std::uint64_t greatest(Type type) {
  SIM_EXPECT(name(type).front() == 'u');
  return std::numeric_limits<std::uint64_t>::max() >> (64 - 8 * size_of(type));
}

Type narrowest(std::uint64_t value) {
  for (const Type type : {Type::u1, Type::u2, Type::u4})
    if (value <= greatest(type)) return type;
  return Type::u8;
}

std::int64_t hdf5_type(Type type) {
  switch (type) {
    case Type::f4:
      return H5T_IEEE_F32LE;
    case Type::f8:
      return H5T_IEEE_F64LE;
    case Type::i8:
      return H5T_STD_I64LE;
    case Type::u1:
      return H5T_STD_U8LE;
    case Type::u2:
      return H5T_STD_U16LE;
    case Type::u4:
      return H5T_STD_U32LE;
    case Type::u8:
      return H5T_STD_U64LE;
  }
  SIM_ASSERT(false);
  return -1;
}

}  // namespace tokenyard::results
