// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace tokenyard::commands {

// How a piece of work in a child process ended.
struct Outcome {
  int code = 1;      // 0 done, 1 failed, 2 bad input
  std::string text;  // what the work returned, or why there is nothing
};

// Does work(0), work(1), ... work(count - 1), each in a child process of its own, at most as many
// at a time as there are cores: SimGrid takes one run a process. `ended` is told of each as it
// ends. If it throws, at Ctrl-C (IoError) or when this process dies, the others are ended in order.
// The caller must have no other threads.
void forked(std::size_t count, const std::function<std::string(std::size_t)>& work,
            const std::function<void(std::size_t, Outcome)>& ended);

}  // namespace tokenyard::commands
