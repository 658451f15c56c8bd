// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace tokenyard {

using Action = std::function<int()>;

// The subcommands of `tokenyard platform`.
void add_platform_commands(CLI::App& app, Action& action);

}  // namespace tokenyard
