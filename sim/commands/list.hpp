// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tokenyard::commands {

// Prints what can be named in a scenario: "" for all, or one of routers, pool-routers, batchers,
// engines, accelerators, racks, models, traces. "schema:NAME" prints a JSON Schema with its lists.
// Returns the exit code.
int list(const std::string& what);

}  // namespace tokenyard::commands
