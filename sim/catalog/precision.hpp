// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tokenyard::catalog {

// Number formats of weights, KV caches and matrix products.
enum class Precision : std::uint8_t { bf16, fp8, fp4 };
inline constexpr std::array<std::string_view, 3> precision_names = {"bf16", "fp8", "fp4"};

}  // namespace tokenyard::catalog
