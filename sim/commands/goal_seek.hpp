// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "network/platform.hpp"
#include "sweep/manifest.hpp"
#include "sweep/point_file.hpp"

namespace tokenyard::commands {

// What a search has found: the value, in the unit of the goal, and what it stands on.
struct Sought {
  sweep::GoalStatus status = sweep::GoalStatus::none;
  double value = 0;  // to simulate: the result, or, where none meets the goal, the easiest value
  sweep::Metrics metrics;  // goal, goal_low, ...
};

// Seeks the goal of a study in one of its runs, each simulation in a process of its own. Nothing of
// the platform may have been simulated yet. Throws ConfigError, IoError.
Sought seek_goal(const sweep::Sweep& sweep, const sweep::Run& run,
                 const network::Platform& platform);

// The scenario of a run with the goal's keys at a value.
fleet::Scenario scenario_at(const sweep::Sweep& sweep, const sweep::Run& run, double value);

}  // namespace tokenyard::commands
