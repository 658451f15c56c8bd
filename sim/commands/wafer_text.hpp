// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fleet/summary.hpp"

namespace tokenyard::commands {

// What bounds a wafer-scale pool: one line; "" for others.
std::string wafer_bounds_text(const fleet::PoolSummary& pool);

// What the iteration times of a wafer-scale pool are.
std::string wafer_times_text(const fleet::PoolPlan& pool);

}  // namespace tokenyard::commands
