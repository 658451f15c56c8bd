// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fleet/accounting.hpp"
#include "fleet/scenario.hpp"

namespace tokenyard::commands {

// On which the pools' costs stand: "on-demand", or, if that was forced, "on-demand + owner".
std::string bases(const fleet::Scenario& scenario);

// Cost, energy, carbon and margin of all, then of parts where there are several.
std::string accounts(const fleet::Scenario& scenario, const fleet::Accounts& accounts);

}  // namespace tokenyard::commands
