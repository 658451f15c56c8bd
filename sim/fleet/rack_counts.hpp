// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "catalog/catalog.hpp"
#include "config/section.hpp"
#include "network/layout.hpp"
#include "network/node_counts.hpp"

namespace tokenyard::fleet {

// Reads `racks` of a scenario's `platform`: how many racks clusters of the file are to have. A rack
// has the nodes that the catalogue says.
std::vector<network::NodeCount> read_rack_counts(config::Section& platform,
                                                 const network::Layout& layout,
                                                 const catalog::Catalog& catalog);

}  // namespace tokenyard::fleet
