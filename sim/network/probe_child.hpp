// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <functional>

#include "network/probe.hpp"

namespace tokenyard::network {

// What the child of a probe knows of its parent.
struct ProbeParent {
  pid_t process;
  int output;  // where stdout and stderr go
};

// The exit code of a child whose work threw.
inline constexpr int refused_code = 113;

// The child's side of a probe, right after the fork: never returns into the parent's code.
[[noreturn]] void run_as_child(const std::function<void()>& work, const ProbeLimits& limits,
                               const ProbeParent& parent) noexcept;

}  // namespace tokenyard::network
