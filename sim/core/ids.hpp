// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace tokenyard {

// Typed indices: a replica's number cannot be passed where a pool's is meant.
enum class RequestId : std::uint64_t {};
enum class ReplicaId : std::uint32_t {};
enum class PoolId : std::uint16_t {};
enum class TenantId : std::uint16_t {};
enum class ModelId : std::uint16_t {};
enum class SloClassId : std::uint16_t {};

inline constexpr auto no_replica = ReplicaId{std::numeric_limits<std::uint32_t>::max()};
inline constexpr auto no_pool = PoolId{std::numeric_limits<std::uint16_t>::max()};

template <class Id>
constexpr std::size_t index(Id id) {
  return static_cast<std::size_t>(id);
}

}  // namespace tokenyard
