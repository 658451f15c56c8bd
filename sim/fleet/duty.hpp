// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/quantity.hpp"

namespace tokenyard::fleet {

// What a replica is there for. Requests are sent to those that serve; those that drain finish what
// they have. Nothing is paid for off and provisioning.
enum class Duty : std::uint8_t {
  off,           // not wanted
  provisioning,  // wanted, its nodes are on their way
  loading,       // its weights are, or it starts up
  serving,
  draining,
  failed,  // with its KV caches, until it serves again
  away     // for planned work
};
inline constexpr std::size_t duty_count = 7;

// How long replicas had each duty, summed over them.
struct DutyTimes {
  std::array<Duration, duty_count> times{};

  Duration& operator[](Duty duty) { return times[static_cast<std::size_t>(duty)]; }
  Duration operator[](Duty duty) const { return times[static_cast<std::size_t>(duty)]; }
  Duration paid() const {
    return (*this)[Duty::loading] + (*this)[Duty::serving] + (*this)[Duty::draining] +
           (*this)[Duty::failed] + (*this)[Duty::away];
  }
  // Of the time that they should have served, the share that they did; planned work is no failure.
  double availability() const {
    const Duration up = (*this)[Duty::serving] + (*this)[Duty::draining];
    const Duration all = up + (*this)[Duty::failed];
    return all > Duration(0) ? up / all : 1;
  }
};

}  // namespace tokenyard::fleet
