// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace tokenyard {

using Action = std::function<int()>;

// Adds `sweep` with its subcommands, each of which sets the action to run.
void add_sweep_commands(CLI::App& app, Action& action);

}  // namespace tokenyard
