// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "catalog/source.hpp"
#include "core/quantity.hpp"

namespace tokenyard::catalog {

inline constexpr std::string_view owner_basis = "owner";

// What is the same for all that an owner buys.
struct OwnerTerms {
  Duration life;
  double utilisation = 1;            // share of its life in which hardware serves
  double rent_usd_per_kw_month = 0;  // of a place with power and cooling
  Source source;
};

// A rack kind that someone bought.
struct OwnedRack {
  enum class Per : std::uint8_t { node, accelerator, rack };

  double capex_usd = 0;
  Per per = Per::node;
  Watts all_in;  // of an accelerator at the meter, cooling included: no PUE comes on top
  // What others say that an hour of an accelerator costs its owner; nothing is computed from it.
  std::map<std::string, DollarsPerHour> published;
  Source source;
};

struct OwnerCost {
  OwnerTerms terms;
  std::map<std::string, OwnedRack> racks;
};

// How a rack kind is built.
struct RackSize {
  std::int64_t chips_per_node = 1;
  std::int64_t nodes = 1;
};

double capex_of_node_usd(const OwnedRack& rack, RackSize size);

// One formula for all racks:
//   (capex / life + all-in power x rent) / utilisation, of a node.
DollarsPerHour owner_cost(const OwnedRack& rack, RackSize size, const OwnerTerms& terms);

// Reads the root of owner_cost.yaml but its `owned_racks`, and one of these.
OwnerCost read_owner_cost(config::Section& root, const Sources& sources);
OwnedRack read_owned_rack(config::Section& entry, const Sources& sources);

}  // namespace tokenyard::catalog
