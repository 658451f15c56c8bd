// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>
#include "core/quantity.hpp"
namespace tokenyard::fleet {
struct Allowed {
  Instant from;
  std::vector<std::size_t> preferred;
  std::vector<std::size_t> others;
};
struct TenantRoutes {
  std::vector<std::size_t> all;
  std::vector<Allowed> allowed;
};
}  // namespace tokenyard::fleet
