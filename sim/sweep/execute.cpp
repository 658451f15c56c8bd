// SPDX-License-Identifier: Apache-2.0
#include "sweep/execute.hpp"

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace tokenyard::sweep {
namespace {

namespace tbb = oneapi::tbb;

constexpr int most_attempts = 3;

class Executor {
 public:
  explicit Executor(const Execution& execution)
      : own_(execution), agenda_(execution.agenda), lanes_left_(execution.at_a_time) {}

  // One of the threads: does a run after the other.
  void lane() {
    try {
      while (const auto run = agenda_.next()) {
        std::vector<std::size_t> then;
        try {
          then = done(*run);
        } catch (...) {
          agenda_.ended();
          throw;
        }
        agenda_.ended(then);
      }
    } catch (...) {
      agenda_.stop();  // the others end what they are at
      leave();
      throw;
    }
    leave();
  }

  // Until all have left.
  void watch() {
    constexpr std::chrono::milliseconds moment(100);
    std::unique_lock lock(mutex_);
    while (lanes_left_ > 0) {
      left_.wait_for(lock, moment);
      if (own_.stop->begin_no_more || own_.stop->at_once) agenda_.stop();
      own_.collector->show(agenda_.under_way());
    }
  }

 private:
  void leave() {
    const std::lock_guard lock(mutex_);
    --lanes_left_;
    left_.notify_all();
  }

  // Has the run done; returns what is to be done after it.
  std::vector<std::size_t> done(std::size_t run) {
    const Order order{run, (*own_.runs)[run].platform};
    for (int attempt = 1;; ++attempt) {
      std::optional<Reply> reply = own_.fork_server->ask(order, own_.stop->at_once);
      if (own_.stop->at_once) return {};
      const bool killed = !reply || reply->ending == Ending::killed;
      if (killed && attempt < most_attempts) {
        if (own_.stop->begin_no_more) return {};
        continue;
      }
      if (!reply) {
        reply = Reply{Ending::crashed,
                      "the process that holds its platform ended, three times; if it was short of "
                      "memory, run fewer at a time with --jobs"};
      }
      const std::lock_guard lock(mutex_);
      return own_.collector->take(run, *reply);
    }
  }

  const Execution& own_;
  Agenda agenda_;
  std::mutex mutex_;  // of the collector, and of what follows
  std::condition_variable left_;
  std::size_t lanes_left_;
};

}  // namespace

void execute(const Execution& execution) {
  const std::size_t lanes = execution.at_a_time;
  const tbb::global_control threads(tbb::global_control::max_allowed_parallelism, lanes + 1);
  // No place is kept for this thread: it watches.
  tbb::task_arena arena(static_cast<int>(lanes), 0);
  Executor executor(execution);
  tbb::task_group group;
  for (std::size_t i = 0; i < lanes; ++i) {
    arena.enqueue(group.defer([&executor] { executor.lane(); }));
  }
  executor.watch();
  arena.execute([&group] { group.wait(); });
}

}  // namespace tokenyard::sweep
