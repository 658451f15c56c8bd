// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tokenyard::commands {

// How a command that threw ends: 1 failed, 2 bad input; and what it says of it.
struct Failure {
  int code = 1;
  std::string text;
};

// Of the exception that is being handled, a std::exception.
Failure failure_at_hand();

}  // namespace tokenyard::commands
