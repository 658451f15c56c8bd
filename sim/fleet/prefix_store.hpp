// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/quantity.hpp"
#include "fleet/wire.hpp"
#include "network/transfers.hpp"
#include "serving/prefix_cache.hpp"

namespace tokenyard::fleet {

// A memory that the replicas of a pool share: at a place of its own, from which prefixes are
// fetched.
struct PrefixStorePlan {
  Blocks capacity;
  Bytes block;
  network::NodeRange nodes;
  std::optional<Wire> wire;  // none: transfers share the links of the platform
};

// What such a memory has: the longest unused is lost first.
class PrefixStore {
 public:
  explicit PrefixStore(const PrefixStorePlan& plan) : plan_(plan), content_(Blocks(1)) {}

  const PrefixStorePlan& plan() const { return plan_; }

  // How many of the first names of a chain it has.
  std::size_t leading(std::span<const std::uint64_t> chain) const {
    return static_cast<std::size_t>(content_.find_leading(chain).blocks);
  }
  bool has(std::uint64_t name) const { return leading({&name, 1}) == 1; }
  Bytes bytes(std::size_t blocks) const { return plan_.block * static_cast<std::int64_t>(blocks); }

  // As if just used.
  void keep(std::span<const std::uint64_t> names) { content_.keep(names, plan_.capacity); }

 private:
  PrefixStorePlan plan_;
  serving::PrefixCache content_;
};

}  // namespace tokenyard::fleet
