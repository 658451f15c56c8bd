// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sweep/channel.hpp"
#include "sweep/runner.hpp"

namespace tokenyard::sweep {

// What the fork server is asked for, with the channel on which the reply is awaited.
struct Order {
  std::size_t run = 0;
  std::uint32_t platform = 0;

  std::string text() const;
  static Order parse(const std::string& text);
};

// How replies travel. The child sends one; if it could not, its zygote does when it has ended.
std::string packed(const Reply& reply);
Reply unpacked_reply(const std::string& text);

// A process that has loaded a platform and forks a child for each order; when no more can come, it
// waits for its children and ends. Its children die with it, and it with its parent.
[[noreturn]] void be_zygote(Channel orders, Runner& runner, const RunLimits& limits);

}  // namespace tokenyard::sweep
