// SPDX-License-Identifier: Apache-2.0
#include "commands/stop_signals.hpp"

#include <cstddef>

namespace tokenyard::commands {
namespace {

constexpr int signals[] = {SIGINT, SIGTERM, SIGHUP};

volatile std::sig_atomic_t interrupted = 0;
volatile std::sig_atomic_t terminated = 0;

void note(int signal) {
  if (signal == SIGINT) interrupted = interrupted + 1;
  if (signal != SIGINT) terminated = 1;
}

}  // namespace

StopSignals::StopSignals() {
  struct sigaction action {};
  action.sa_handler = note;
  action.sa_flags = SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < 3; ++i) ::sigaction(signals[i], &action, &before_[i]);
}

StopSignals::~StopSignals() {
  for (std::size_t i = 0; i < 3; ++i) ::sigaction(signals[i], &before_[i], nullptr);
}

int StopSignals::interrupts() const { return interrupted; }
bool StopSignals::ended() const { return terminated != 0; }

}  // namespace tokenyard::commands
