// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <vector>

#include "sweep/agenda.hpp"
#include "sweep/fork_server.hpp"
#include "sweep/manifest.hpp"

namespace tokenyard::sweep {

// What becomes of the runs that a sweep does. Called by one thread at a time.
class Collector {
 public:
  virtual ~Collector() = default;

  // Takes what a run found, or why it did not. Returns the runs that are to be done then: before
  // all others, none for most. Throws IoError, which ends the sweep.
  virtual std::vector<std::size_t> take(std::size_t run, const Reply& reply) = 0;
  // Several times a second, if there is something to show.
  virtual void show(std::size_t under_way) = 0;
};

// How a sweep is told to end: first nothing more is begun, then what is under way is ended.
struct Stop {
  std::atomic<bool> begin_no_more{false};
  std::atomic<bool> at_once{false};
};

struct Execution {
  const std::vector<Run>* runs = nullptr;
  std::vector<std::size_t> agenda;  // the runs to do, in order
  std::size_t at_a_time = 1;
  ForkServer* fork_server = nullptr;
  Collector* collector = nullptr;
  Stop* stop = nullptr;
};

// Does all of the agenda, so many runs at a time. What was under way when the fork server or a
// zygote was killed is begun again, up to three times. Throws what the collector throws.
void execute(const Execution& execution);

}  // namespace tokenyard::sweep
