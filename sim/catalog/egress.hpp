// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/source.hpp"

namespace tokenyard::catalog {

// A published price of bytes that leave some regions for others.
struct EgressPrice {
  std::vector<std::string> from;  // provider/region
  std::vector<std::string> to;    // likewise; or nothing, and:
  bool to_own_provider = false;   // any other region of it
  bool to_others = false;         // any region of another provider
  double usd_per_gb = 0;
  Source source;
};

struct Egress {
  std::vector<EgressPrice> prices;  // the first that names a pair holds

  // Of bytes from one "provider/region" to another; inside a region they are free. Nothing where
  // no price is known.
  std::optional<double> usd_per_gb(const std::string& from, const std::string& to) const;
};

// The provider of a "provider/region".
std::string provider_of(const std::string& region);

// Reads the root of egress.yaml: `groups` of regions by name, and `egress_prices`.
Egress read_egress(config::Section& root, const Sources& sources);

}  // namespace tokenyard::catalog
