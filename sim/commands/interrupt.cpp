// SPDX-License-Identifier: Apache-2.0
#include "commands/interrupt.hpp"

#include <csignal>

#include "results/target.hpp"

namespace tokenyard::commands {
namespace {

volatile std::sig_atomic_t interrupted = 0;

}  // namespace

StopOnInterrupt::StopOnInterrupt() : before_(std::signal(SIGINT, [](int) { interrupted = 1; })) {}

StopOnInterrupt::~StopOnInterrupt() { std::signal(SIGINT, before_); }

void StopOnInterrupt::check() const {
  if (came()) throw results::IoError("interrupted; nothing was written");
}

bool StopOnInterrupt::came() const { return interrupted != 0; }

}  // namespace tokenyard::commands
