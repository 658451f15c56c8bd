// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include "commands/option_values.hpp"
#include "commands/point_runner.hpp"
#include "commands/sweep_run.hpp"
#include "sweep/fork_server.hpp"

namespace tokenyard::commands {

int sweep_serve(const SweepServeOptions& options) {
  ::fcntl(sweep::orders_descriptor, F_SETFD, FD_CLOEXEC);
  sweep::Channel orders{sweep::Descriptor(sweep::orders_descriptor)};
  const sweep::Directory directory(options.directory);
  PointRunner runner(sweep::read_sweep(directory), directory);
  sweep::RunLimits limits;
  limits.time = std::chrono::seconds(whole_option("--point-timeout", options.timeout_s));
  limits.memory_bytes = whole_option("--point-memory", options.memory_bytes);
  sweep::serve(std::move(orders), runner, limits);
  return 0;
}

}  // namespace tokenyard::commands
