// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "catalog/source.hpp"
#include "core/quantity.hpp"

namespace tokenyard::catalog {

// What stands still when a component fails.
enum class Scope : std::uint8_t { accelerator, node, rack, link, region, provider };
inline constexpr std::array<std::string_view, 6> scope_names = {
    "accelerator", "node", "rack", "link", "region", "provider"};

// How often a component fails, and how long it is away.
struct Reliability {
  Scope scope = Scope::node;
  Duration between_failures;  // the mean
  Duration repair;            // the mean
  Source source;
};

Reliability read_reliability(config::Section& entry, const Sources& sources);

}  // namespace tokenyard::catalog
