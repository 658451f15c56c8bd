// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tokenyard::commands {

// Prints what can be named in a scenario or study: "" for all, or one of routers, pool-routers,
// batchers, engines, autoscalers, accelerators, racks, models, traces, metrics. "schema:NAME"
// prints a JSON Schema with its lists. Returns the exit code.
int list(const std::string& what);

}  // namespace tokenyard::commands
