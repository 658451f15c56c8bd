// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/section.hpp"

namespace tokenyard::catalog {

// Where a value comes from. `from_memory` lists the keys for which no public source was found.
struct Source {
  std::string text;
  std::vector<std::string> from_memory;
};

// The source texts of a file by key; an entry's `source` may name one instead of repeating it.
using Sources = std::map<std::string, std::string>;

// The keys `source`, `from_memory` and `notes` of an entry.
Source read_source(config::Section& entry, const Sources& sources);

}  // namespace tokenyard::catalog
