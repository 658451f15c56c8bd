// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>

namespace tokenyard::commands {

// While it lives, Ctrl-C and the signals by which systems end programs are counted instead of
// ending this one.
class StopSignals final {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  int interrupts() const;  // Ctrl-C
  bool ended() const;      // SIGTERM, or the terminal was closed

 private:
  struct sigaction before_[3]{};
};

}  // namespace tokenyard::commands
