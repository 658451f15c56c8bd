// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/quantity.hpp"

namespace tokenyard::commands {

// "3 of 12 days" in place, if stderr is a terminal.
void show_done(std::size_t done, std::size_t all, const std::string& noun);

// A line on the terminal that says how far a run is: simulated time, requests done, rate, ETA.
// Silent when stderr is no terminal or when asked to be quiet; plain where NO_COLOR is set.
class Progress {
 public:
  enum class Show : std::uint8_t { no, if_terminal };

  // `requests`: expected in all, 0 if unknown.
  Progress(Show show, double requests);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(Instant now, std::int64_t requests);

 private:
  using Clock = std::chrono::steady_clock;

  bool shown_;
  bool colour_;
  double expected_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
  bool drawn_ = false;
};

}  // namespace tokenyard::commands
