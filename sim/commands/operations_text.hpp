// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fleet/summary.hpp"

namespace tokenyard::commands {

// What happened to a fleet and its traffic that is run by people: load at the door, times below
// what was agreed, failures, scaling. Empty where nothing did.
std::string operations_text(const fleet::Scenario& scenario, const fleet::Summary& summary);

}  // namespace tokenyard::commands
