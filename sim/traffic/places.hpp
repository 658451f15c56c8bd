// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "traffic/tenant.hpp"

namespace tokenyard::traffic {

// The places that a file of them names (workloads/places.yaml). Notes its mistakes.
std::map<std::string, Place> load_places(const std::string& path, config::Mistakes& mistakes);

// The zones that it names, each several regions.
using Zones = std::map<std::string, std::vector<std::string>>;
Zones load_zones(const std::string& path, config::Mistakes& mistakes);

}  // namespace tokenyard::traffic
