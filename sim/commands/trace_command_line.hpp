// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace tokenyard {

// What the command line asks for; set by the subcommand that was parsed.
using Action = std::function<int()>;

// The subcommands of `tokenyard trace`.
void add_trace_commands(CLI::App& app, Action& action);

}  // namespace tokenyard
