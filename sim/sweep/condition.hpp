// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "config/value.hpp"
#include "sweep/expression.hpp"

namespace tokenyard::sweep {

// What a study asks of points or runs.
struct Condition {
  std::string text;
  config::Position at;
  Expression expression;
};

}  // namespace tokenyard::sweep
